"""Tests of what publishers say to be safe from their readers."""

import pytest

from aggregator.clean.judge import load_model
from aggregator.clean.text import clean_text
from aggregator.model import Document, Site

TITLE = "Harbour trust sells its last shares in the ferry"
STORY = (
    "The harbour trust of Corrie has sold its last shares in the ferry company, the two of them said on Monday.",
    "It had held them since the boats were built in 1971. The money goes to the new pier, which is to open in May.",
    "“We are no bankers, and the boats run as well without us,” said Ishbel Rennie, who chairs the trust.",
    "The company will pay for the pier's upkeep. Fares stay as they are until the end of the year, it said.",
)


def cleaned(*lines):
    return clean_text(Document(kind="text", body="\n\n".join(lines)), None, Site(), load_model())


def gone(found):
    return {block.text for block in found.removed if block.reason == "disclaimer"}


@pytest.mark.parametrize(
    "told",
    [
        "This piece is for informational purposes only. Nothing in it is meant as, or should be considered, tax advice.",
        "Opinions expressed here belong to the columnist and do not necessarily represent the views of the paper.",
        "Some of the links above are affiliate links: we may receive a small commission at no extra cost to you.",
        "Mr Rennie holds no position in any of the stocks mentioned. Your capital is at risk when you invest in boats.",
        "Der Beitrag dient nur der Information und ist keine Anlageberatung. Alle Angaben ohne Gewähr.",
        "Risikohinweis: Der Handel mit Anteilen an Booten birgt ein hohes Risiko.",
        "Mit * markierte Links sind sogenannte Affiliate-Links. Kaufen Sie darüber ein, erhalten wir eine Provision.",
        "Cette tribune n'engage que son auteur et ne reflète pas nécessairement la position du journal.",
        "Esta nota tiene fines informativos y no constituye una recomendación de compra de acciones.",
        "Le opinioni espresse in questo testo non riflettono necessariamente la linea del giornale.",
        "Este texto tem caráter informativo e não constitui recomendação de investimento em barcos.",
        "Publikacja ma charakter informacyjny i nie stanowi rekomendacji inwestycyjnej.",
        "Точка зрения авторов может не совпадать с мнением редакции, а сам текст носит информационный характер.",
        "Burada yer alan bilgiler yatırım danışmanlığı kapsamında değildir ve yalnızca bilgilendirme amaçlıdır.",
        "以上内容仅供参考，不构成任何投资建议，据此操作风险自担。",
        "当記事は情報提供を目的としたものであり、投資判断はご自身の責任でお願いします。",
    ],
)
def test_a_disclaimer_goes_from_either_end(told):
    for lines in ((TITLE, *STORY, told), (TITLE, told, *STORY)):
        found = cleaned(*lines)
        assert found.article.text.split("\n\n") == list(STORY)
        assert gone(found) == {told}


def test_what_is_called_a_disclaimer_needs_to_say_less():
    told = (
        "The ferry company has paid for the trip on which this report was written, and past performance is all it had."
    )
    assert gone(cleaned(TITLE, *STORY, told)) == set()
    assert gone(cleaned(TITLE, *STORY, f"Disclosure: {told}")) == {f"Disclosure: {told}"}
    assert gone(cleaned(TITLE, *STORY, "Disclosure", told)) == {"Disclosure", told}


@pytest.mark.parametrize(
    "told",
    [
        "The trust's own lawyers had warned in March that the sale of shares might not be legal advice well taken.",
        "Affiliate links bring the village's blogger forty pounds a month, and the pier is where she photographs.",
        "Past performance is what the islanders go by: the boats have missed eleven crossings in fifty years of them.",
        "Disclosure of the price was refused by both, and the council has asked them to reconsider before the vote.",
    ],
)
def test_a_story_may_be_about_such_things(told):
    assert cleaned(TITLE, *STORY[:3], told, STORY[3]).article.text.split("\n\n") == [*STORY[:3], told, STORY[3]]


def test_terms_by_themselves_are_the_text():
    terms = [
        "The views expressed on these pages are those of the authors and do not necessarily reflect ours.",
        "Nothing on these pages should be construed as legal advice, and it is provided as is, at your own risk.",
        "We may earn a commission through affiliate links, at no extra cost to you, whatever it is that you buy.",
    ]
    assert cleaned("Terms of the parish letter", *terms).article.text.split("\n\n") == terms
