"""What stands where a story should be, in ten languages and some more: robot checks, consent, paywalls, cut-off ends.

Patterns alone; `quality` weighs them. They stand in lower case and are asked of `folded` text: of so many words `re`
takes four times as long to look for either case.
"""

import re
from typing import Final


def folded(text: str) -> str:
    """A text as the patterns want it: lower case, and a Turkish i like any other."""
    return text.lower().replace("i\u0307", "i").replace("ı", "i")


def _pattern(alternatives: str) -> re.Pattern[str]:
    return re.compile(alternatives.replace("ı", "i"))


BOT_WALL: Final = _pattern(  # A question whether the visitor is human, or a demand for scripts.
    r"just a moment\W|attention required|checking (?:if the site connection is secure|your browser)"
    r"|verify(?:ing)? (?:that )?you are (?:a )?human|are you a (?:robot|human)"
    r"|unusual (?:traffic|activity) (?:from|on) your|enable javascript (?:and cookies )?to(?! [^.]{0,30}comments)"
    r"|(?:enable|activate|turn on) (?:js|javascript)(?! to [^.]{0,30}comments)"
    r"|javascript (?:is|appears to be) (?:disabled|not enabled|required)"
    r"|please (?:complete|solve) the (?:captcha|security check)|cf-(?:browser-verification|challenge)|ray id:"
    r"|ddos protection by|access (?:to this page has been )?denied|you have been blocked"
    r"|request (?:has been )?blocked|performance (?:and|&) security by|captcha-delivery|pardon our interruption"
    r"|press (?:and|&) hold|bot or not|403 forbidden|javascript (?:ist|wurde) (?:deaktiviert|nicht aktiviert)"
    r"|aktivieren sie (?:bitte )?javascript|sind sie ein (?:mensch|roboter)|activez? javascript"
    r"|javascript est désactivé|vous n.êtes pas un robot|accès refusé|habilit[ae] (?:el )?javascript"
    r"|active javascript|activar javascript|no eres un robot|acceso denegado|abilita(?:re)? javascript"
    r"|accesso negato|schakel javascript in|ative o javascript|habilite o javascript"
    r"|włącz(?:yć)? (?:obsługę )?javascript|включите javascript|вы не робот|доступ (?:ограничен|запрещ[её]н)"
    r"|javascript を有効|javascriptを有効|请启用 ?javascript|启用javascript"
    r"|javascript'i etkinleştir|aktivera javascript"
    r"|povolte javascript"
    r"|incapsula incident|request unsuccessful|(?:verifying|checking) your browser|security (?:checkpoint|verification)"
    r"|too many requests|rate limit(?:ed)? exceeded|unavailable (?:due to|for) legal reasons"
    r"|access cannot be granted|not available in your (?:country|region)|not a robot|robot check|human verification"
    r"|проверка браузера|подождите[^.]{0,20} секунд|安全验证|人机验证|访问(?:被拒绝|受限)|ロボットではない"
    r"|review the security of your connection|mak(?:e|ing) sure (?:that )?you(?:.re| are) (?:not a (?:ro)?bot|human)"
    r"|enter the characters you see|permission to access [^.]{0,80}on this server|temporarily unable to service your"
    r"|50[0-4] (?:bad gateway|gateway time-?out|internal server error|service (?:temporarily )?unavailable)"
    r"|bestätigen sie, dass sie ein mensch|sicherheit ihrer verbindung|vérifiez que vous êtes (?:un )?humain"
    r"|la sécurité de votre connexion|(?:usted es|que eres|que es) un (?:ser )?humano|la seguridad de (?:su"
    r"|tu) conexión"
    r"|verifica di essere (?:un )?uman|sicurezza della (?:tua|vostra) connessione"
    r"|confirme que (?:você )?é (?:um )?humano"
    r"|segurança da sua (?:conexão|ligação)|(?:verifieer|bevestig) dat (?:u|je) een mens|beveiliging van (?:uw"
    r"|je) verbinding"
    r"|potwierdź, że jesteś człowiekiem|bezpieczeństw\w+ (?:twojego )?połączenia|подтвердите, что вы (?:человек"
    r"|не робот)"
    r"|безопасность вашего (?:под|со)|人間であることを確認|接続のセキュリティ|(?:确认|验证)您是真?人"
    r"|您的连接是否?安全|检查您的连接"
    r"|사람인지 확인|연결의 보안|insan olduğunuzu doğrula|bağlantınızın güvenliğini"
    r"|로봇이 아닙니다|자바스크립트를|robot olmadığınızı|ik ben geen robot|non sono un robot|nie jestem robotem",
)
CONSENT: Final = _pattern(  # Asking leave to store cookies.
    r"before you continue to"
    r"|we(?: and our (?:\d+ )?partners)? (?:(?:use|store)[^.]{0,60}cookies|value[^.]{0,20}privacy)"
    r"|accept (?:all )?cookies|cookie (?:policy|settings|preferences|consent)|consent to (?:the use of )?cookies"
    r"|manage (?:your )?(?:privacy|cookie)|your privacy choices"
    r"|wir (?:und unsere (?:\d+ )?partner )?(?:verwenden|nutzen|benötigen)[^.]{0,60}(?:cookies|zustimmung)"
    r"|cookies (?:zustimmen|akzeptieren)|alle(?:n)? (?:cookies )?(?:akzeptieren|zustimmen)"
    r"|mit werbung (?:und tracking )?(?:weiter)?lesen"
    r"|nous (?:et nos (?:\d+ )?partenaires )?utilisons[^.]{0,60}cookies|accepter (?:tous les |les )?cookies"
    r"|continuer sans accepter|utilizamos cookies|aceptar (?:todas las |las )?cookies|usamos cookies"
    r"|aceitar (?:todos os )?cookies|utilizziamo[^.]{0,40}cookie|accetta(?:re)? (?:tutti i )?cookie"
    r"|wij gebruiken cookies|cookies accepteren|używamy plików cookie|zaakceptuj|мы используем (?:файлы )?cookie"
    r"|принять (?:все )?cookie|クッキーを使用|cookieを使用|我们使用 ?cookie|接受所有 ?cookie|çerez(?:leri)? kullan"
    r"|stor(?:e|ing|es) (?:and/or|or|and) access(?:ing)? information on (?:a|your) device"
    r"|transparency (?:&|and) consent"
    r"|informationen auf (?:einem|ihrem) gerät|informations sur (?:un terminal|votre (?:appareil|terminal))"
    r"|información (?:en un|en su|de un) dispositivo|informazioni su(?:l| un) dispositivo|informatie op een apparaat"
    r"|informações (?:num|em um) dispositivo|informacji na urządzeniu"
    r"|(?:välj|hantera) cookies|(?:vi|nous|noi|we) bruger cookies|쿠키를 사용|نستخدم ملفات"
    r"|vi använder cookies|godkänn (?:alla )?cookies|používáme (?:soubory )?cookie"
    r"|informac(?:e|í|ím|emi) (?:v|na) (?:vašem )?zařízení|informáci\w+ (?:v|na) (?:vašom )?zariadení"
    r"|πληροφορίες σε (?:μια )?συσκευή|χρησιμοποιούμε (?:τα )?cookies|információk\w* (?:az? )?eszköz"
    r"|sütiket használ|informații(?:le)? (?:de )?pe un dispozitiv|information på en enhet|oplysninger på en enhed"
    r"|(?:informasjon|opplysninger) på en enhet|käytämme evästeitä|laitteella olevi|bir cihazda(?:ki)? bilgi"
    r"|информаци\w+ на устройств|інформаці\w+ на пристрої|ми використовуємо (?:файли )?cookie"
    r"|informacij\w+ na uređaj|אנו משתמשים ב(?:עוגיות|קוב)|เราใช้คุกกี้|เว็บไซต์นี้ใช้คุกกี้|हम कुकीज़ का"
    r"|chúng tôi sử dụng cookie|informacje na urządzeniu|デバイスに情報を保存"
    r"|(?:accept|refus)(?:er|ez|ant) (?:tous )?les cookies|accepter et (?:fermer|continuer)|aceptar y (?:cerrar"
    r"|continuar)",
)
TERMS: Final = _pattern(  # Of the law, or of the trade: many of them make a text one about consent.
    r"legitimate interest|personal data|geolocation|device characteristics|personali[sz]ed (?:ads|advertising)"
    r"|content measurement|audience (?:research|insights)|(?:our|your|de|zu den) (?:partners|choices)"
    r"|withdraw (?:your )?consent"
    r"|berechtigte[sn]? interesse|personenbezogene|widerrufen|personalisierte|standortdaten"
    r"|intérêt légitime|données personnelles|géolocalisation|retirer votre consentement|publicités? personnalisée"
    r"|interés legítimo|datos personales|geolocalización|publicidad personalizada"
    r"|interesse legittimo|dati personali|geolocalizzazione|pubblicità personalizzata|profilazione"
    r"|gerechtvaardigd belang|persoonsgegevens|gepersonaliseerde|uzasadnion\w+ interes|danych osobowych|spersonalizowan"
    r"|interesse legítimo|dados pessoais|cookies?(?![^\W_])",
)
_GONE: Final = (  # There is no such page; of an article only where it is called this one, or the one looked for.
    r"page (?:(?:that )?you (?:are|were|.re|requested)|(?:was |could |can )?not (?:be )?found|does(?:n.t| not) exist)"
    r"|(?:page|link)[^.]{0,40} (?:can.?t be found|isn.t available|is not available|(?:is|has) (?:un"
    r"|no longer )available)"
    r"|error 404|404 error|nothing was found at this location|couldn.t find (?:that|the|this) page"
    r"|(?:this|the) (?:article|story|post|content) (?:(?:is|has been) no longer available|(?:that )?you (?:are|were"
    r"|.re)"
    r" looking for|(?:can.?t|cannot|could not) be found)|this (?:article|story) (?:has expired|has been removed)"
    r"|seite (?:wurde )?(?:leider )?nicht gefunden|seite existiert (?:leider )?nicht"
    r"|(?:artikel|beitrag|seite|inhalt) (?:ist )?(?:leider )?(?:nicht mehr (?:verfügbar|vorhanden)|nicht verfügbar)"
    r"|page (?:introuvable|non trouvée)|page que vous (?:re)?cherchez|(?:article|page"
    r"|contenu) n.(?:est plus disponible|existe)"
    r"|página no (?:encontrada|existe)|página que buscas?|(?:artículo|página|contenido) ya no (?:está disponible"
    r"|existe)"
    r"|pagina non (?:è stata )?trovata|pagina che (?:stai )?cerc|(?:articolo|pagina"
    r"|contenuto) non (?:è più disponibile|esiste)"
    r"|pagina (?:is )?niet gevonden|pagina die (?:je|u) zoekt|(?:artikel|pagina) (?:is niet meer beschikbaar"
    r"|bestaat niet)"
    r"|página não (?:foi )?encontrada|página que (?:você )?procura|(?:artigo"
    r"|página) (?:já )?não está (?:mais )?disponível"
    r"|strona,? (?:której szukasz,? )?nie (?:została znaleziona|istnieje)|(?:artykuł|strona) nie jest już dostępn"
    r"|страница не (?:найдена|существует)|(?:статья|страница) (?:была )?(?:удалена|больше не доступна)"
    r"|ページ(?:が|は)見つかりません|お探しのページ|記事は(?:公開を終了|削除され)|公開を終了しました|页面不存在"
    r"|找不到(?:该|頁面|页面)"
    r"|文章(?:不存在|已(?:被)?删除)|sidan (?:kunde inte hittas|hittades inte|finns inte)"
    r"|sayfa bulunamadı|stránka (?:nebyla )?nenalezena|페이지를 찾을 수 없|삭제된 (?:기사|페이지)"
    r"|존재하지 않는 (?:기사|페이지)"
    r"|הדף שחיפשת|הדף לא נמצא|الصفحة (?:غير موجودة|التي تبحث)|η σελίδα (?:δεν βρέθηκε|που (?:ζητήσατε|αναζητάτε))"
    r"|az oldal nem található|sivua ei löy|siden (?:blev ikke fundet|finnes ikke|findes ikke|ble ikke funnet)"
    r"|pagina nu (?:a fost găsită|există)|(?:पृष्ठ|पेज) नहीं मिला|ไม่พบหน้า|không tìm thấy trang|сторінку не знайдено"
)
GONE: Final = _pattern(_GONE)
GONE_TITLE: Final = _pattern(  # The same as a part of a title by itself.
    rf"(?:^|[|–—-]\s)\s*(?:\w+ |\W*)?(?:404|(?:404\W+)?(?:{_GONE})|not found)\W*(?:\s[|–—-]|\||$)"
)
NO_STORY: Final = _pattern(  # There is none for strangers, none today, or none any more.
    r"(?:forgot|forgotten|lost) (?:your )?password|passwort vergessen|mot de passe oublié"
    r"|(?:olvidaste|olvidado) (?:tu|su) contraseña|password dimenticata"
    r"|wachtwoord vergeten|esqueceu (?:a |sua )senha|забыли пароль|(?:log|sign) in to (?:continue|your account)"
    r"|you (?:must|need to) (?:log|sign) in|パスワードをお忘れ|忘记密码|şifremi unuttum|glömt lösenord"
    r"|(?:disable|turn off|pause) your ad.?block|ad.?block(?:er)? (?:detected|erkannt|détecté)"
    r"|deaktivieren sie (?:ihren|den) ad"
    r"|désactive[rz] votre bloqueur|desactiva\w* (?:tu|el|su) bloqueador|disattiva\w* (?:il tuo )?ad.?block"
    r"|you must be (?:over )?\d\d|age verification|confirm (?:that you are|your age)|browser is (?:not"
    r"|no longer) supported"
    r"|(?:down|closed|offline) for (?:scheduled |routine )?maintenance|under maintenance|error establishing a database"
    r"|not redirected automatically|domain (?:name )?is for sale|buy this domain|account (?:has been )?suspended"
    r"|wartungsarbeiten|site en maintenance|en mantenimiento|in manutenzione|メンテナンス中"
    r"|melden sie sich (?:bitte )?an|nie pamiętasz hasła|zapomniał\w* hasła"
)
PAYWALL: Final = _pattern(  # What a paywall says where it cuts a text off.
    r"subscribe (?:now )?to (?:continue|read|keep) "
    r"|(?:this|the) (?:article|story|content|post) is (?:only )?(?:for|available to|exclusive to"
    r"|reserved for) (?:paid |paying |our )?(?:subscribers|members)"
    r"|to (?:continue|keep) reading|already (?:a subscriber|subscribed)\?|subscriber[s-]? (?:only|exclusive)"
    r"|become a (?:paid )?(?:subscriber|member) to|you(?:'ve|’ve| have) reached your (?:free )?(?:article )?limit"
    r"|this post is for paid|nur für (?:abonnenten|mitglieder)|jetzt (?:abonnieren|weiterlesen|testen) "
    r"|(?:artikel|text) ist (?:nur )?(?:für|mit) (?:abonnent|plus|abo)|mit (?:dem )?(?:plus|digital)-?abo"
    r"|weiterlesen mit |réservé aux abonnés|il vous reste \d+ ?% |pour lire la suite|abonnez-vous pour"
    r"|solo para suscriptores|contenido exclusivo para|suscr[ií]bete para|para seguir leyendo"
    r"|exclusivo para assinantes|assine para|contenuto riservato agli abbonati|abbonati per|alleen voor abonnees"
    r"|om verder te lezen|dostęp tylko dla|czytaj dalej z|только для подписчиков|оформите подписку"
    r"|有料会員|続きを読むには"
    r"|会員限定|订阅后|付费阅读|sadece aboneler|endast för prenumeranter|pouze pro předplatitele"
    r"|réservée aux abonnés|déjà abonnée? ?\?|bereits (?:ein abo|abonnent(?:in)?|plus-mitglied)\b"
    r"|jetzt \d+ (?:tage?|wochen?|monate?) [^.]{0,40}(?:testen|lesen)"
    r"|¿ya (?:eres|es) suscriptor|já é assinante\?|(?:sei|hai) già (?:un )?abbona|ben je al abonnee"
    r"|masz już (?:prenumerat|subskryp)|už (?:máte|jste) předplat|już jesteś (?:prenumeratorem|subskrybentem)"
    r"|redan prenumerant|allerede abonnent|kun for abonnent|vain tilaajille|csak előfizető|már előfizető"
    r"|doar pentru abonați|iba pre predplatiteľov|μόνο για συνδρομητές|למנויים בלבד|للمشتركين فقط"
    r"|(?:continue|keep) reading (?:(?:this|your) [^.\n]{0,20})?with an? |(?:subscribe to )?unlock this (?:article"
    r"|post|story)"
    r"|while we verify access|or subscribe for all of|want all of [^.?\n]{1,30}\? subscribe|artikel ist exklusiv für"
    r"|angebot auswählen|jetzt mit \S{1,12} lesen|er (?:kun )?for abonnenter|kjøp tilgang|bli prenumerant|redan kund\?"
    r"|register (?:for free )?to (?:keep|continue)|create (?:an|your|a free) (?:free )?account to (?:read|continue"
    r"|keep)"
    r"|you(?:'ve|’ve| have) reached your [^.\n]{0,20}(?:article|stor|read|free|month)[^.\n]{0,20}limit"
    r"|(?:^|get |try |enjoy |subscribe for )unlimited (?:digital )?access\b"
    r"|(?:available|open) to (?:paying )?(?:members|subscribers) only|jetzt weiterlesen\b|mit dem passenden abo"
    r"|word (?:nu )?abonnee|verder lezen\?|al abonnee\?|pozostało \d+ ?% artykułu|wykup (?:prenumerat|dostęp"
    r"|subskrypcj)"
    r"|per continuare a leggere|suscríbete (?:y|ahora)|この記事は有料|残り\s?[\d,]+\s?文字|会員登録(?:すると|して"
    r"|が必要)"
    r"|тільки для передплатників|(?:구독자|유료 ?회원) 전용|केवल सदस्यों के लिए",
)
METER: Final = _pattern(  # How many stories are left: no gate, as long as there is one.
    r"you have (?:[1-9]\d?|one|two|three|four|five) (?:more )?(?:free )?(?:articles?|stor(?:y|ies)) (?:left|remaining)"
    r"|noch [1-9]\d? (?:kostenlose|freie|gratis)\w* artikel|il vous reste [1-9]\d? articles?"
    r"|queda[n]? [1-9]\d? artículos?"
    r"|ancora [1-9]\d? articol|nog [1-9]\d? (?:gratis )?artikel|jeszcze [1-9]\d? (?:darmow|bezpłatn)"
)
CUT_OFF: Final = _pattern(  # The end of a teaser.
    r"(?:…|\.\.\.|\[\W*\])\s*$|(?:continue reading|read more|read the (?:full|rest)[^.]{0,40}|weiterlesen"
    r"|mehr lesen|lire la suite|leer más|seguir leyendo|leggi tutto|continua a leggere|lees (?:meer|verder)"
    r"|czytaj (?:dalej|więcej)|читать далее|続きを読む|阅读更多|阅读全文|devamını oku|läs mer|číst dál|leia mais)\W*$",
)
