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
    r"|로봇이 아닙니다|자바스크립트를|robot olmadığınızı|ik ben geen robot|non sono un robot|nie jestem robotem",
)
CONSENT: Final = _pattern(  # Asking leave to store cookies.
    r"before you continue to|we(?: and our (?:\d+ )?partners)? (?:use|value|store)[^.]{0,60}(?:cookies|privacy)"
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
    r"|chúng tôi sử dụng cookie",
)
NO_STORY: Final = _pattern(  # There is no story here, or none for strangers: not found, log in first.
    r"page (?:you (?:are|were|.re) looking for|(?:was |could )?not (?:be )?found|does(?:n.t| not) exist)"
    r"|error 404|404 error"
    r"|seite (?:wurde )?(?:leider )?nicht gefunden|seite existiert nicht|page (?:introuvable|non trouvée)"
    r"|página no (?:encontrada|existe)|pagina non (?:è stata )?trovata|pagina (?:is )?niet gevonden"
    r"|página não (?:foi )?encontrada|strona nie (?:została znaleziona|istnieje)|страница не (?:найдена|существует)"
    r"|ページが見つかりません|页面不存在|找不到(?:该|頁面|页面)|sidan (?:kunde inte hittas|hittades inte|finns inte)"
    r"|sayfa bulunamadı|stránka (?:nebyla )?nenalezena|페이지를 찾을 수 없|(?:forgot|forgotten|lost) (?:your )?password"
    r"|passwort vergessen|mot de passe oublié|(?:olvidaste|olvidado) (?:tu|su) contraseña|password dimenticata"
    r"|wachtwoord vergeten|esqueceu (?:a |sua )senha|забыли пароль|(?:log|sign) in to (?:continue|your account)"
    r"|you (?:must|need to) (?:log|sign) in|パスワードをお忘れ|忘记密码|şifremi unuttum|glömt lösenord"
    r"|הדף שחיפשת|הדף לא נמצא|الصفحة (?:غير موجودة|التي تبحث)|η σελίδα (?:δεν βρέθηκε|που (?:ζητήσατε|αναζητάτε))"
    r"|az oldal nem található|sivua ei löy|siden (?:blev ikke fundet|finnes ikke|findes ikke|ble ikke funnet)"
    r"|pagina nu (?:a fost găsită|există)|(?:पृष्ठ|पेज) नहीं मिला|ไม่พบหน้า|không tìm thấy trang|сторінку не знайдено",
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
    r"|тільки для передплатників|(?:구독자|유료 ?회원) 전용|केवल सदस्यों के लिए",
)
CUT_OFF: Final = _pattern(  # The end of a teaser.
    r"(?:…|\.\.\.|\[\W*\])\s*$|(?:continue reading|read more|read the (?:full|rest)[^.]{0,40}|weiterlesen"
    r"|mehr lesen|lire la suite|leer más|seguir leyendo|leggi tutto|continua a leggere|lees (?:meer|verder)"
    r"|czytaj (?:dalej|więcej)|читать далее|続きを読む|阅读更多|阅读全文|devamını oku|läs mer|číst dál|leia mais)\W*$",
)
