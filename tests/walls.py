"""Pages as the web has them where a story should be, written for this project: walls, gates, and stories beside them."""

from typing import Final, NamedTuple


class Case(NamedTuple):
    """A page and what it should be judged."""

    name: str
    state: str
    lang: str
    title: str
    body: str
    graph: str = ""  # of its JSON-LD's article
    url: str = "https://news.example.org/city/story"


DAYS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
STORY: Final = "".join(
    f"<p>The council met on the {day} day of its session and spoke for hours about the bridge, the harbour and the"
    " money that both of them need, before it voted.</p>"
    for day in DAYS
)
LEAD: Final = (
    "<p>For as long as anybody in the valley can remember the river ran east of the mill, and the maps agree.</p>"
    "<p>Then came the flood of last winter, and in a single night the water chose another bed.</p>"
)
MENU: Final = (
    "<nav><ul><li><a href=/>Home</a></li><li><a href=/news>News</a></li><li><a href=/sport>Sport</a></li>"
    "<li><a href=/culture>Culture</a></li></ul></nav>"
)
FOOT: Final = "<footer><p>© 2024 The Estuary Post. All rights reserved.</p><a href=/privacy>Privacy policy</a></footer>"
NOT_FREE: Final = (
    '"isAccessibleForFree":false,"hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".paid"}'
)


def site(*inside: str) -> str:
    return f"{MENU}<main>{''.join(inside)}</main>{FOOT}"


def cards(count: int = 24) -> str:
    """A front page's list of stories."""
    things = ("bridge", "harbour", "school", "market", "ferry", "museum")
    each = (
        f"<article class=card><h3><a href=/s{n}>The {things[n % 6]} and what the town makes of it, part {n}</a></h3>"
        f"<p>A short line on the {things[n % 6]} for those who have no time.</p></article>"
        for n in range(count)
    )
    return f"<div class=grid>{''.join(each)}</div>"


ROBOTS: Final = (
    Case("cloudflare", "blocked", "en", "Just a moment...", "<div class=main-wrapper><div class=main-content><h1"
         " class=zone-name-title>news.example.org</h1><h2>Checking if the site connection is secure</h2><noscript><p>Enable"
         " JavaScript and cookies to continue</p></noscript><p>news.example.org needs to review the security of your"
         " connection before proceeding.</p></div></div><div class=footer>Ray ID: <code>8a1b</code> Performance &amp;"
         " security by Cloudflare</div>"),
    Case("cloudflare, in German", "blocked", "de", "Nur einen Moment…", "<h1>news.example.org</h1><p>Bestätigen Sie, dass"
         " Sie ein Mensch sind. Dies kann einige Sekunden dauern.</p><p>news.example.org muss die Sicherheit Ihrer"
         " Verbindung überprüfen, bevor Sie fortfahren können.</p>"),
    Case("cloudflare, in French", "blocked", "fr", "Un instant…", "<h1>news.example.org</h1><p>Vérifiez que vous êtes"
         " humain en effectuant l'action ci-dessous.</p><p>news.example.org doit examiner la sécurité de votre connexion"
         " avant de poursuivre.</p>"),
    Case("cloudflare, in Spanish", "blocked", "es", "Un momento…", "<h1>news.example.org</h1><p>Verifique que usted es un ser"
         " humano completando la acción a continuación.</p><p>news.example.org necesita revisar la seguridad de su conexión"
         " antes de continuar.</p>"),
    Case("cloudflare, in Japanese", "blocked", "ja", "しばらくお待ちください...", "<h1>news.example.org</h1><p>あなたが人間である"
         "ことを確認します。これには数秒かかる場合があります。</p><p>続行する前に、接続のセキュリティを確認する必要があります。</p>"),
    Case("cloudflare blocks", "blocked", "en", "Attention Required! | Cloudflare", "<h1>Sorry, you have been blocked</h1><h2>You"
         " are unable to access example.org</h2><h2>Why have I been blocked?</h2><p>This website is using a security service"
         " to protect itself from online attacks. The action you just performed triggered the security solution. There are"
         " several actions that could trigger this block including submitting a certain word or phrase, a SQL command or"
         " malformed data.</p><h2>What can I do to resolve this?</h2><p>You can email the site owner to let them know you"
         " were blocked. Please include what you were doing when this page came up and the Cloudflare Ray ID found at the"
         " bottom of this page.</p><p>Cloudflare Ray ID: 8a1b • Your IP: 192.0.2.1</p>"),
    Case("datadome", "blocked", "en", "example.org", "<p id=cmsg>Please enable JS and disable any ad blocker</p>"
         "<script src=https://ct.captcha-delivery.example/c.js></script>"),
    Case("datadome slides", "blocked", "en", "You have been blocked", "<h1>We want to make sure it is actually you we are"
         " dealing with and not a robot.</h1><p>Slide right to complete the puzzle</p><p>Why is this verification"
         " required? Something about the behaviour of the browser has caught our attention.</p><ul><li>you are clicking at"
         " a pace that is faster than human</li><li>something is blocking JavaScript from working</li></ul>"),
    Case("akamai", "blocked", "en", "Access Denied", "<h1>Access Denied</h1>You don't have permission to access"
         ' "http&#58;&#47;&#47;example&#46;org" on this server.<p>Reference&#32;&#35;18&#46;6a</p>'
         "<p>https&#58;&#47;&#47;errors&#46;edgesuite&#46;example&#47;18&#46;6a</p>"),
    Case("perimeterx", "blocked", "en", "Access to this page has been denied.", "<h1>Before we continue...</h1><p>Press &amp;"
         " Hold to confirm you are a human (and not a bot).</p><p>Reference ID 3f1a-11ee</p>"),
    Case("incapsula", "blocked", "en", "", "<p>Request unsuccessful. Incapsula incident ID:"
         " 1234-5678</p>"),
    Case("imperva", "blocked", "en", "Pardon Our Interruption", "<h1>Pardon Our Interruption</h1><p>As you were browsing"
         " something about your browser made us think you were a bot. There are a few reasons this might happen:</p><ul>"
         "<li>You're a power user moving through this website with super-human speed.</li><li>You've disabled cookies in"
         " your web browser.</li><li>A third-party browser plugin is preventing JavaScript from running.</li></ul><p>To"
         " regain access, please make sure that cookies and JavaScript are enabled before reloading the page.</p>"),
    Case("bloomberg-like", "blocked", "en", "Are you a robot?", "<h2>We've detected unusual activity from your computer"
         " network</h2><p>To continue, please click the box below to let us know you're not a robot.</p><h3>Why did this"
         " happen?</h3><p>Please make sure your browser supports JavaScript and cookies and that you are not blocking them"
         " from loading.</p><h3>Need Help?</h3><p>For inquiries related to this message please contact our support team"
         " and provide the reference ID below.</p>"),
    Case("amazon-like", "blocked", "en", "Robot Check", "<h4>Enter the characters you see below</h4><p>Sorry, we just need to"
         " make sure you're not a robot. For best results, please make sure your browser is accepting cookies.</p>"
         "<img src=/captcha.jpg><input placeholder='Type characters'>"),
    Case("sucuri", "blocked", "en", "Sucuri WebSite Firewall - Access Denied", "<h1>Access Denied - Sucuri Website"
         " Firewall</h1><p>If you are the site owner (or you manage this site), please whitelist your IP or if you think"
         " this block is an error please open a support ticket.</p><table><tr><td>Your IP:</td><td>192.0.2.1</td></tr>"
         "<tr><td>Block reason:</td><td>Bad bot access attempt.</td></tr></table>"),
    Case("aws waf", "blocked", "en", "Human Verification", "<div id=challenge-container></div><noscript><h1>JavaScript is"
         " disabled</h1>In order to continue, we need to verify that you're not a robot. This requires JavaScript. Enable"
         " JavaScript and then reload the page.</noscript>"),
    Case("anubis", "blocked", "en", "Making sure you're not a bot!", "<h1>Making sure you're not a bot!</h1><p>Loading...</p>"
         "<details><summary>Why am I seeing this?</summary><p>You are seeing this because the administrator of this website"
         " has set up Anubis to protect the server against the scourge of AI companies aggressively scraping"
         " websites.</p></details><noscript><p>Sadly, you must enable JavaScript to get past this challenge.</p></noscript>"),
    Case("no javascript", "blocked", "en", "Example", "<h1>JavaScript is disabled</h1><p>This site needs JavaScript to work."
         " Please turn it on in your browser's settings and load the page anew.</p>"),
    Case("no javascript, in Polish", "blocked", "pl", "", "<p>Aby korzystać z serwisu, włącz obsługę JavaScript w"
         " przeglądarce.</p>"),
    Case("gateway", "blocked", "en", "502 Bad Gateway", "<center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center>"),
    Case("unavailable", "blocked", "en", "Service Unavailable", "<h1>503 Service Temporarily Unavailable</h1><p>The server is"
         " temporarily unable to service your request due to maintenance downtime or capacity problems.</p>"),
)  # fmt: skip
PARTNERS: Final = (
    "<p>We and our 842 partners store and/or access information on a device, such as unique IDs in cookies to process"
    " personal data. You may accept or manage your choices by clicking below, including your right to object where"
    " legitimate interest is used, or at any time in the privacy policy page.</p>"
)
CONSENTS: Final = (
    Case("onetrust", "blocked", "en", "Your privacy", f"<div id=onetrust-consent-sdk><h2>About your privacy</h2>{PARTNERS}<h3>We"
         " and our partners process data to provide:</h3><p>Use precise geolocation data. Actively scan device"
         " characteristics for identification. Personalised advertising and content, advertising and content measurement,"
         " audience research and services development.</p><button>I Accept</button><button>Show Purposes</button></div>"),
    Case("yahoo-like", "blocked", "en", "Consent", "<h1>We value your privacy</h1><p>When you use our sites and apps, we use"
         " cookies.</p><p>If you click 'Accept all', we and our partners, including 237 who are part of the IAB"
         " Transparency &amp; Consent Framework, will also store and/or access information on a device.</p>"
         "<button>Reject all</button>"),
    Case("google-like", "blocked", "de", "Bevor Sie fortfahren", "<h1>Bevor Sie zu Google weitergehen</h1><p>Wir verwenden"
         " Cookies und Daten, um Dienste anzubieten und zu betreiben.</p><button>Alle ablehnen</button><button>Alle"
         " akzeptieren</button>"),
    Case("sourcepoint, pur", "blocked", "de", "Zustimmung", "<h1>Weiter mit Werbung oder Pur-Abo</h1><p>Mit Werbung"
         " weiterlesen: Besuchen Sie unsere Seite wie gewohnt mit Werbung und üblichem Tracking. Ihre Zustimmung können Sie"
         " jederzeit widerrufen.</p><button>Akzeptieren und weiter</button><p>Pur-Abo: Nutzen Sie unsere Seite für 4,99 Euro"
         " im Monat ohne Werbetracking.</p><p>Bereits Pur-Abonnent? Hier anmelden</p>"),
    Case("usercentrics", "blocked", "de", "Privatsphäre", "<h2>Privatsphäre-Einstellungen</h2><p>Wir benötigen Ihre"
         " Zustimmung, bevor Sie unsere Website weiter besuchen können. Diese Website verwendet Cookies und Dienste von"
         " Drittanbietern.</p><button>Alles akzeptieren</button><button>Speichern</button>"),
    Case("didomi", "blocked", "fr", "Vie privée", "<h1>Votre vie privée compte pour nous</h1><p>Avec votre accord, nous et nos"
         " 145 partenaires utilisons des cookies ou technologies similaires pour stocker, consulter et traiter des données"
         " personnelles telles que votre visite sur ce site internet. Vous pouvez retirer votre consentement.</p>"
         "<button>Accepter et fermer</button>"),
    Case("payer ou accepter", "blocked", "fr", "Le choix", "<h1>Vous avez choisi de refuser les cookies</h1><p>Accéder au site"
         " gratuitement en acceptant les cookies, ou sans cookie à partir de 1 € par mois.</p><p>Déjà abonné ? Se"
         " connecter</p>"),
    Case("iubenda", "blocked", "it", "Informativa", "<h2>Informativa</h2><p>Noi e terze parti selezionate utilizziamo cookie o"
         " tecnologie simili per finalità tecniche e, con il tuo consenso, anche per altre finalità.</p><p>Usa il pulsante"
         " “Accetta” per acconsentire, oppure abbonati per navigare senza cookie di profilazione.</p>"),
    Case("didomi, in Spanish", "blocked", "es", "Privacidad", "<h1>Tu privacidad es importante para nosotros</h1><p>Con tu"
         " consentimiento, nosotros y nuestros 210 socios usamos cookies o tecnologías similares para almacenar, acceder y"
         " procesar datos personales. Aceptar y continuar gratis, o rechazar y suscribirse por 3 € al mes.</p>"),
    Case("dpg-like", "blocked", "nl", "Privacy gate", "<h1>Jouw privacy-instellingen</h1><p>Wij en onze partners gebruiken"
         " cookies en vergelijkbare technieken om informatie op een apparaat op te slaan en te raadplegen. Kies ‘Akkoord’ om"
         " hiermee in te stemmen.</p><button>Akkoord</button>"),
    Case("rodo", "blocked", "pl", "Szanowna Użytkowniczko", "<h2>Dbamy o Twoją prywatność</h2><p>My i nasi 160 zaufani"
         " partnerzy przechowujemy informacje na urządzeniu i uzyskujemy do nich dostęp, na przykład pliki cookies. Klikając"
         " „Przejdź do serwisu” wyrażasz zgodę na przetwarzanie danych osobowych.</p><button>Przejdź do serwisu</button>"),
    Case("in Japanese", "blocked", "ja", "プライバシー", "<p>当社とパートナーは、お客様のデバイスに情報を保存し、クッキーを使用"
         "して個人データを処理します。</p><button>同意する</button><button>設定</button>"),
    Case("purposes", "blocked", "en", "Manage preferences", "<div><h2>Privacy preference centre</h2><p>We and our 842 partners store"
         " and/or access information on a device, such as unique identifiers in cookies, to process personal data.</p>"
         + "".join(f"<h3>{what}</h3><p>{what} can be based on your choices and your personal data, on cookies set before, and on"
         " legitimate interest. 512 partners want your consent, 96 of our partners rely on legitimate interest.</p>"
         for what in ("Advertising", "Content measurement", "Audience research", "Geolocation data", "Personalised ads"))
         + "<button>Confirm my choices</button></div>"),
    Case("in Portuguese", "blocked", "pt", "", "<p>Nós e os nossos parceiros armazenamos e acedemos a informações num"
         " dispositivo, tais como cookies, e processamos dados pessoais.</p><button>Aceito</button>"),
)  # fmt: skip
NOTHING: Final = (
    Case("not found", "blocked", "en", "Page not found | The Estuary Post", site("<h1>Page not found</h1><p>We're sorry, the page"
         " you requested could not be found. Try our search or go back to the home page.</p>")),
    Case("oops", "blocked", "en", "The Estuary Post", site("<h1>Oops!</h1><p>That page can't be found. It looks like nothing was"
         " found at this location. Maybe try a search?</p>")),
    Case("not found, with stories", "blocked", "en", "Page not found | The Estuary Post",
         site("<h1>404</h1><p>Sorry, this page isn't available. The link you followed may be broken.</p><h2>Most"
              " read</h2>", cards(8))),
    Case("gone", "blocked", "en", "The Estuary Post", site("<h1>This article is no longer available</h1><p>The article you are"
         " looking for has been removed or has expired.</p>")),
    Case("gone, in German", "blocked", "de", "Nicht verfügbar", site("<h1>Artikel nicht mehr verfügbar</h1><p>Dieser Artikel ist"
         " leider nicht mehr verfügbar. Er wurde gelöscht oder archiviert.</p>")),
    Case("gone, in French", "blocked", "fr", "Indisponible", site("<h1>Oups</h1><p>Cet article n'est plus disponible. La page que"
         " vous recherchez n'existe pas ou a été déplacée.</p>")),
    Case("gone, in Spanish", "blocked", "es", "Error", site("<h1>Lo sentimos</h1><p>Este artículo ya no está disponible. La página"
         " que buscas no existe.</p>")),
    Case("gone, in Italian", "blocked", "it", "Errore", site("<h1>Ops!</h1><p>L'articolo non è più disponibile. La pagina che cerchi"
         " non esiste.</p>")),
    Case("gone, in Polish", "blocked", "pl", "Błąd 404", site("<h1>Ups!</h1><p>Artykuł nie jest już dostępny. Strona, której szukasz,"
         " nie istnieje.</p>")),
    Case("gone, in Dutch", "blocked", "nl", "Oeps", site("<h1>Oeps</h1><p>Dit artikel is niet meer beschikbaar. De pagina die je zoekt"
         " bestaat niet.</p>")),
    Case("gone, in Japanese", "blocked", "ja", "エラー", site("<h1>お探しのページは見つかりませんでした</h1><p>この記事は公開を終了"
         "しました。</p>")),
    Case("log in", "blocked", "en", "Log in", "<h1>Log in to your account</h1><form><label>Email</label><input><label>Password"
         "</label><input type=password><button>Log in</button></form><p>Don't have an account? Sign up</p>"),
    Case("members", "blocked", "en", "Members only", "<h1>Sign in to continue</h1><p>You need to sign in to read this story."
         " Create a free account in seconds.</p><button>Continue with Google</button><button>Continue with email</button>"),
    Case("ad blocker", "blocked", "en", "", "<h1>Ad blocker detected</h1><p>Please disable your ad blocker to go on. Advertising"
         " pays for our journalism.</p><button>I have turned it off</button>"),
    Case("ad blocker, in German", "blocked", "de", "", "<h1>Adblocker erkannt</h1><p>Bitte deaktivieren Sie Ihren Adblocker, um den"
         " Artikel zu lesen.</p>"),
    Case("age", "blocked", "en", "", "<h1>Age verification</h1><p>You must be 18 or older to enter this site.</p>"),
    Case("maintenance", "blocked", "en", "", "<h1>We'll be right back</h1><p>The site is down for scheduled maintenance. Please check"
         " back soon.</p>"),
    Case("database", "blocked", "en", "Database Error", "<h1>Error establishing a database connection</h1>"),
    Case("on the way", "blocked", "en", "Redirecting…", "<p>Redirecting you to the article. If you are not redirected automatically,"
         " <a href=/x>click here</a>.</p>"),
    Case("parked", "blocked", "en", "news.example.org", "<h1>news.example.org</h1><p>This domain is for sale. Related searches</p>"),
    Case("suspended", "blocked", "en", "Account Suspended", "<h1>Account Suspended</h1><p>Contact your hosting provider for more"
         " information.</p>"),
    Case("offers alone", "blocked", "en", "Subscribe to read | The Estuary Post", "<h1>Subscribe to unlock this article</h1><h2>Try"
         " unlimited access</h2><p>Only $1 for 4 weeks, then $75 a month. Complete digital access to our journalism on any"
         " device. Cancel anytime during your trial.</p><p>Explore our full range of subscriptions.</p><p>See why over a"
         " million readers pay for us.</p>"),
    Case("registration, in German", "blocked", "de", "Anmelden", "<h1>Anmelden</h1><p>Bitte melden Sie sich an, um diesen Inhalt zu"
         " sehen.</p><p>Passwort vergessen? Noch kein Konto? Jetzt registrieren</p>"),
)  # fmt: skip
GATES: Final = (
    Case("subscribe", "paywalled", "en", "The river | The Estuary Post", site(f"<article><h1>The river</h1>{LEAD}<div class=gate>"
         "<h2>Subscribe to continue reading</h2><p>Get unlimited access for $1 a week.</p><p>Already a subscriber? <a"
         " href=/login>Log in</a></p></div></article>")),
    Case("register to read", "paywalled", "en", "The river | The Estuary Post", site(f"<article><h1>The river</h1>{LEAD}<div"
         " class=wall><h3>Register for free to keep reading</h3><p>Create an account to read this article in full.</p></div>"
         "</article>")),
    Case("limit", "paywalled", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}<div>You've reached your monthly free"
         " article limit. Subscribe for unlimited access.</div></article>")),
    Case("substack-like", "paywalled", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}<h2>This post is for paid"
         " subscribers</h2><a>Subscribe</a><p>Already a paid subscriber? Sign in</p></article>")),
    Case("medium-like", "paywalled", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}<h2>Create an"
         " account to read the full story.</h2><p>The author made this story available to members only.</p></article>")),
    Case("times-like", "paywalled", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}<p>Thank you for your patience while we"
         " verify access. If you are in Reader mode please exit and log into your account, or subscribe for all of The"
         " Post.</p><p>Already a subscriber? Log in.</p><p>Want all of The Post? Subscribe.</p></article>")),
    Case("with a subscription", "paywalled", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}<h4>Continue reading your article"
         " with a Post subscription</h4><button>Subscribe now</button></article>")),
    Case("faz-like", "paywalled", "de", "Der Fluss", site(f"<article><h1>Der Fluss</h1>{LEAD}<p>Jetzt mit P+ lesen</p></article>")),
    Case("dn-like", "paywalled", "sv", "Floden", site(f"<article><h1>Floden</h1>{LEAD}<p>Läs hela artikeln – bli prenumerant. Redan kund?"
         " Logga in</p></article>")),
    Case("in Norwegian", "paywalled", "no", "Elven", site(f"<article><h1>Elven</h1>{LEAD}<p>Denne artikkelen er for abonnenter. Kjøp"
         " tilgang</p></article>")),
    Case("data alone", "paywalled", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}</article>"), NOT_FREE),
    Case("spiegel-like", "paywalled", "de", "Der Fluss", site(f"<article><h1>Der Fluss</h1>{LEAD}<h2>Jetzt weiterlesen. Mit dem"
         " passenden Abo.</h2><p>Sie haben bereits ein Abo? Hier anmelden.</p></article>")),
    Case("le monde-like", "paywalled", "fr", "Le fleuve", site(f"<article><h1>Le fleuve</h1>{LEAD}<p>Il vous reste 78.4% de cet article"
         " à lire. La suite est réservée aux abonnés.</p></article>")),
    Case("corriere-like", "paywalled", "it", "Il fiume", site(f"<article><h1>Il fiume</h1>{LEAD}<p>Per continuare a leggere questo"
         " articolo abbonati. Sei già abbonato? Accedi</p></article>")),
    Case("el país-like", "paywalled", "es", "El río", site(f"<article><h1>El río</h1>{LEAD}<p>Suscríbete para seguir leyendo. Lee sin"
         " límites. ¿Ya eres suscriptor? Inicia sesión</p></article>")),
    Case("nrc-like", "paywalled", "nl", "De rivier", site(f"<article><h1>De rivier</h1>{LEAD}<p>Verder lezen? Word abonnee en lees"
         " onbeperkt. Al abonnee? Log in</p></article>")),
    Case("wyborcza-like", "paywalled", "pl", "Rzeka", site(f"<article><h1>Rzeka</h1>{LEAD}<p>Pozostało 85% artykułu. Wykup prenumeratę, aby"
         " czytać dalej.</p></article>")),
    Case("asahi-like", "paywalled", "ja", "川が流れを変えた", site("<article><h1>川が流れを変えた</h1><p>昨年の冬の洪水で、川は一夜のうちに流れを"
         "変えた。谷の人々は地図を描き直している。</p><p>この記事は有料記事です。残り1200文字</p><p>会員登録すると続きをお読み"
         "いただけます。</p></article>")),
)  # fmt: skip
STORIES: Final = (
    Case("metered", "full", "en", "The council", site("<div class=meter>You have 2 free articles left this month. Subscribe"
         f" now</div><article><h1>The council voted</h1>{STORY}</article>")),
    Case("metered, below", "full", "en", "The council", site(f"<article><h1>The council voted</h1>{STORY}<p>You have 1 free article"
         " left. Already a subscriber? Log in</p></article>")),
    Case("metered, short", "full", "en", "The council", site(f"<article><h1>The council voted</h1>{STORY[:700]}</p></article><div"
         " class=meter>You have 2 free articles left this month.</div>")),
    Case("paid and there", "full", "en", "The council", site(f"<article><h1>The council voted</h1>{LEAD}<div class=paid>{STORY}</div>"
         "</article>"), NOT_FREE),
    Case("paid by the string", "full", "en", "The council", site(f"<article><h1>The council voted</h1>{STORY}</article>"),
         '"isAccessibleForFree":"False"'),
    Case("banner", "full", "en", "The council", f"<div id=onetrust-consent-sdk>{PARTNERS}</div>" + site(
         f"<article><h1>The council voted</h1>{STORY}</article>")),
    Case("banner, short story", "full", "en", "The river", f"<div id=onetrust-consent-sdk>{PARTNERS}<button>Accept all cookies</button>"
         "</div>" + site(f"<article><h1>The river</h1>{LEAD}{LEAD}</article>")),
    Case("about cookies", "full", "en", "Why every site asks you to accept all cookies", site("<article><h1>Why every site asks you to"
         " accept all cookies</h1><p>“We and our 842 partners store and/or access information on a device”: nobody reads"
         " the cookie policy, and yet the law wants it shown, lawyers say.</p><p>The commission means to end it. From next"
         " year browsers may answer for their users, so that consent to the use of cookies is given once and for"
         f" all.</p>{STORY[:1100]}</p></article>")),
    Case("about paywalls", "full", "en", "Subscribe to continue reading", site("<article><h1>The three words that made the newspapers"
         " rich</h1><p>“Subscribe to continue reading”: ten years ago hardly a paper dared to say so. Today this article is"
         f" for subscribers nearly everywhere.</p>{STORY}<p>Already a subscriber? The question alone earns"
         " millions.</p></article>")),
    Case("about robots", "full", "en", "Are you a robot?", site("<article><h1>Are you a robot?</h1><p>Verify you are human, says the box,"
         " and we press and hold. Just a moment, it answers. Access denied.</p><p>For twenty years captchas have taught"
         f" machines to see, a study says.</p>{STORY[:1100]}</p></article>")),
    Case("about a failure", "full", "en", "Error 404: how a town lost its archive", site("<article><h1>Page not found: how a town lost its"
         f" archive</h1>{STORY}</article>")),
    Case("short note about robots", "full", "en", "Captchas are going", site("<article><h1>Captchas are going away, says their maker</h1>"
         "<p>The company that asks the world whether it is a robot means to stop asking. From autumn on its software will"
         " watch how visitors move their mouse, it said on Monday, and let nearly all of them pass. Those who are in doubt"
         " will still see a picture puzzle, though an easier one than today.</p><p>Groups for the blind, who had sued over"
         " the puzzles twice, called the step overdue. Rivals had dropped theirs in spring.</p></article>")),
    Case("short note about consent", "full", "en", "Court rules on cookies", site("<article><h1>Court rules on cookies</h1><p>A site"
         " may not store cookies before its visitors have said yes, the highest court held on Tuesday. Consent to the use of"
         " cookies has to be given freely, the judges wrote, and a box that is ticked in advance is no answer at all.</p><p>"
         "The publisher had argued that it had a legitimate interest in knowing how many people read its stories, and that"
         " no personal data left its own machines. The ruling binds lower courts at once. Consumer groups, who had brought"
         " the case six years ago, spoke of a good day.</p></article>")),
    Case("short note about a page", "full", "en", "Ministry removes report", site("<article><h1>Ministry removes report on bridges</h1>"
         "<p>A report on the state of the bridges has been removed from the ministry's site. Until Monday anybody could read"
         " it there; now the address leads nowhere. A speaker said the post had been published by mistake.</p></article>")),
    Case("short note about a lock", "full", "en", "Paper drops its paywall", site("<article><h1>Paper drops its paywall</h1><p>The Valley"
         " Courier will be free to read from May on. Since 2016 only subscribers could read more than three articles a"
         " month. A foundation now pays for the newsroom.</p><p>The paper sells some 9,000 copies a day.</p></article>")),
    Case("live", "full", "en", "Live: the flood", site("<article class=live-blog><h1>Live: the flood in the valley</h1>" + "".join(
         f"<div class=post><time datetime=2024-05-03T10:{n:02}>10:{n:02}</time><h3>Update number {n}</h3><p>The water at the"
         f" mill stands at {n} metres, the brigade says, and the road to the harbour stays closed until noon.</p></div>"
         for n in range(12)) + "</article>")),
    Case("comments need scripts", "full", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}</article><div id=disqus><noscript>Please"
         " enable JavaScript to view the comments powered by Disqus.</noscript></div>")),
    Case("log in to comment", "full", "en", "The river", site(f"<article><h1>The river</h1>{LEAD}</article><section id=comments><p>You must"
         " be logged in to post a comment.</p><a>Forgot password?</a></section>")),
    Case("newsletter box", "full", "en", "The council", site(f"<article><h1>The council voted</h1>{STORY[:800]}</p><aside><p>Subscribe to"
         f" our newsletter to read more stories like this one.</p></aside>{STORY[800:]}</article>")),
    Case("podcast", "full", "en", "Episode 12: The river", site("<article><h1>Episode 12: The river</h1><audio src=/e.mp3 controls></audio>"
         "<p>This week Jane Doe walks along the old bed of the river with the man who drew the maps, and asks what a valley"
         " is without its water. Subscribe wherever you get your podcasts.</p></article>")),
    Case("video", "full", "en", "Watch: the flood", site("<article><h1>Watch: the flood reaches the mill</h1><video src=/v.mp4></video>"
         "<p>Pictures from a drone show how the water comes over the weir and into the yard of the old mill, where the"
         " brigade has piled up sandbags since the morning.</p></article>")),
    Case("german story", "full", "de", "Der Rat", site("<div class=meter>Sie haben noch 2 kostenlose Artikel</div><article><h1>Der Rat"
         " stimmt ab</h1>" + "".join(f"<p>Am {n}. Tag der Sitzung sprach der Rat stundenlang über die Brücke, den Hafen und das"
         " Geld, das beide nicht haben, bevor er abstimmte.</p>" for n in range(1, 11)) + "</article>")),
)  # fmt: skip
EMPTY: Final = (
    Case("picture alone", "empty", "en", "The flood", site("<article><h1>The flood</h1><figure><img src=/flood.jpg alt=''></figure>"
         "</article>")),
    Case("video alone", "empty", "en", "The flood", site("<article><h1>The flood</h1><video src=/v.mp4></video></article>")),
    Case("scripts alone", "empty", "en", "The Estuary Post", "<div id=root></div><script src=/app.js></script>"),
)  # fmt: skip
