"""Duplicates: fingerprints per CPU second, copies found after edits, different stories merged.

    python benchmarks/duplicates.py ARTICLES.jsonl.gz [--seed N]

ARTICLES holds a JSON object a line with the clean text under "gold" and a "title". A copy counts as found when it
shares a band with its original and `judge` says so. Every pair of different articles is judged the same way, and so are
texts written to a form (weather, results, prices), which differ in numbers and names alone.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections import defaultdict
from itertools import combinations

from aggregator import dedup

CITIES = [
    "Leeds",
    "York",
    "Brno",
    "Turku",
    "Graz",
    "Lyon",
    "Porto",
    "Gdansk",
    "Bergen",
    "Malmo",
    "Trieste",
    "Ghent",
    "Cork",
    "Basel",
    "Vilnius",
    "Tartu",
]
FIRMS = [
    "Axon",
    "Borealis",
    "Cadmus",
    "Dynacor",
    "Elbit",
    "Fortuna",
    "Gammon",
    "Helix",
    "Intrex",
    "Jupiter",
    "Kestrel",
    "Lumen",
    "Mondo",
    "Nexo",
]
PEOPLE = [
    "Novak",
    "Silva",
    "Jansen",
    "Muller",
    "Rossi",
    "Dubois",
    "Kowalski",
    "Nagy",
    "Ivanov",
    "Larsen",
    "Costa",
    "Moreau",
    "Weber",
    "Horvat",
    "Berg",
    "Lind",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
ZH_CITIES = ["北京", "上海", "广州", "深圳", "成都", "杭州", "武汉", "西安", "南京", "天津"]

FORMS = {
    "weather": (
        "Weather for {city} on {day}",
        (
            "Good morning, {city}. {day} starts with temperatures around {n} degrees in the early hours, rising "
            "to {n} degrees by the afternoon. The wind blows from the west at {n} kilometres an hour with gusts "
            "of up to {n}. The chance of rain is {n} percent before noon and {n} percent towards the evening. The"
            " sun rises at 7:{n} and sets at 16:{n}. Drivers are asked to take care on bridges and in hollows, "
            "where the road may be slippery. The outlook for the rest of the week stays much the same, with sunny"
            " spells and scattered showers, and temperatures between {n} and {n} degrees. The next report follows"
            " tomorrow at six in the morning, here and on our app."
        ),
    ),
    "match": (
        "{city} {n}-{n} {city2}",
        (
            "{city} beat {city2} {n}-{n} on {day} night in front of {n},{n} spectators. {name} opened the scoring"
            " after {n} minutes with a shot from outside the box, and {name2} added a second shortly before the "
            "break. The home side came out stronger after half-time and had several chances to make it safe, but "
            "the goalkeeper {name3} kept his team in the game. In the closing minutes the visitors pressed for an"
            " equaliser without success. The result moves {city} up to place {n} in the table with {n} points, "
            "while {city2} stay in place {n}. Both teams play again next week, and tickets are still on sale at "
            "the usual offices and on the clubs' pages."
        ),
    ),
    "stock": (
        "{firm} shares move {n} percent",
        (
            "Shares of {firm} closed at {n}.{n} dollars on {day}, a change of {n}.{n} percent against the day "
            "before. Trading volume came to {n},{n} shares, compared with an average of {n},{n} over the past "
            "month. Over the year the stock has gained {n}.{n} percent. Analysts see a target of {n} dollars on "
            "average; of those who follow the company, {n} recommend to buy, {n} to hold and {n} to sell. {firm} "
            "is due to publish results for the quarter next month, and revenue is expected to come in at {n} "
            "million dollars. This article was generated automatically from market data and was not checked by an"
            " editor before publication."
        ),
    ),
    "appointment": (
        "{firm} names {name} as finance chief",
        (
            "{firm} said on {day} that it had named {name} as its new chief financial officer with immediate "
            "effect. The board thanked the outgoing finance chief for many years of service and wished all the "
            "best for the future. In the new role {name} will be responsible for accounting, treasury, investor "
            "relations and procurement, and will report directly to the chief executive. Before joining {firm}, "
            "{name} held several positions at {firm2} in {city} and {city2}. The company confirmed its outlook "
            "for the current financial year. As is usual in such cases, the statement contains forward-looking "
            "remarks that are subject to risks and uncertainties, and actual results may differ materially from "
            "what is expressed or implied here."
        ),
    ),
    "lottery": (
        "Lottery numbers of {day}, draw {n}",
        (
            "These are the winning numbers of the draw of {day}: {n}, {n}, {n}, {n}, {n} and {n}, with the "
            "additional number {n}. The jackpot stood at {n} million. As every week, all figures are given "
            "without warranty, and only the results published by the lottery company itself are binding. Players "
            "who think they have won should keep their ticket safe and go to an office with a valid identity "
            "card. Taking part is allowed from the age of eighteen only. Gambling can be addictive; help is "
            "offered free of charge and without giving a name by the national help line."
        ),
    ),
    "zh weather": (
        "{zh}天气预报",
        (
            "{zh}气象台今天早晨发布天气预报：今天白天多云转晴，最高气温{n}摄氏度，最低气温{n}"
            "摄氏度，北风{n}级，阵风{n}级，降水概率百分之{n}。明天白天晴间多云，最高气温{n}"
            "摄氏度，最低气温{n}摄氏度，相对湿度百分之{n}。气象专家提醒市民，近期早晚温差较大，外"
            "出请注意增减衣物，谨防感冒，驾车出行请注意交通安全，保持车距，不要疲劳驾驶，祝大家生活愉快"
            "，身体健康，工作顺利。"
        ),
    ),
}


def filled(form, chance):
    title, text = form
    names = {
        **dict(zip(("city", "city2"), chance.sample(CITIES, 2), strict=True)),
        **dict(zip(("firm", "firm2"), chance.sample(FIRMS, 2), strict=True)),
        **dict(zip(("name", "name2", "name3"), chance.sample(PEOPLE, 3), strict=True)),
        "day": chance.choice(DAYS),
        "zh": chance.choice(ZH_CITIES),
    }

    def slot(found):
        return str(chance.randint(1, 99)) if found[1] == "n" else names[found[1]]

    return re.sub(r"\{(\w+)\}", slot, title), re.sub(r"\{(\w+)\}", slot, text)


def edits(chance, pool):
    """The ways a copy differs from its original: name -> function of the text."""

    def words(share):
        return lambda text: re.sub(r"\S+", lambda at: chance.choice(pool) if chance.random() < share else at[0], text)

    def cut(share):
        return lambda text: text[: int(len(text) * share)]

    def chrome(count):
        return lambda text: f"{text}\n\n{' '.join(chance.choices(pool, k=count))}"

    def shuffled_case(text):
        return re.sub(r"[.,;](?=\s)", "", text.upper()).replace("\n", "   ")

    return {
        "case, spaces, punctuation": shuffled_case,
        "5 % of words": words(0.05),
        "10 % of words": words(0.10),
        "cut to 80 %": cut(0.8),
        "cut to 50 %": cut(0.5),
        "+ 100 words of chrome": chrome(100),
        "+ 300 words of chrome": chrome(300),
        "cut to 80 %, 2 % of words, + 60": lambda text: chrome(60)(words(0.02)(cut(0.8)(text))),
    }


def story(key, text, title):
    return dedup.Known(key=key, fingerprint=dedup.fingerprint(text), title=title)


def is_copy(a, b):
    shared = dedup.text_hash(a.fingerprint) == dedup.text_hash(b.fingerprint)
    if not shared and set(dedup.bands(a.fingerprint)).isdisjoint(dedup.bands(b.fingerprint)):
        return False
    return dedup.judge(a, [b]) is not None


def speed(texts):
    dedup.fingerprint("warm up " * 100)
    start = time.process_time()
    prints = [dedup.fingerprint(text) for text in texts]
    making = time.process_time() - start
    stories = [dedup.Known(key=key, fingerprint=print_) for key, print_ in enumerate(prints)]
    start = time.process_time()
    dedup.judge(stories[0], stories[1:])
    judging = (time.process_time() - start) / max(1, len(stories) - 1)
    size = sum(map(len, prints)) / len(prints)
    print(f"{len(texts) / making:,.0f} fingerprints per CPU second, {size:.0f} bytes each")
    print(f"{judging * 1e6:.0f} µs of CPU to judge a candidate")


def recall(articles, chance):
    pool = [word for text, _ in articles[:100] for word in text.split()]
    for name, edit in edits(chance, pool).items():
        print(f"  {name:34}", end="")
        for low, high in ((50, 150), (150, 500), (500, 10**9)):
            of = [(text, title) for text, title in articles if low <= len(text.split()) < high]
            found = sum(is_copy(story(1, edit(text), title), story(2, text, title)) for text, title in of)
            bare = sum(is_copy(story(1, edit(text), ""), story(2, text, title)) for text, title in of)
            print(f"  {found / len(of):.3f} {bare / len(of):.3f} ({len(of)})", end="")
        print()


def merged(stories):
    """Pairs of different stories that share a band or a text and are judged copies."""
    shelves = defaultdict(list)
    for one in stories:
        for key in (*dedup.bands(one.fingerprint), dedup.text_hash(one.fingerprint)):
            shelves[key].append(one)
    pairs = {(a.key, b.key): (a, b) for shelf in shelves.values() for a, b in combinations(shelf, 2)}
    return len(pairs), [(a, b) for a, b in pairs.values() if dedup.judge(a, [b]) or dedup.judge(b, [a])]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("articles")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    chance = random.Random(given.seed)
    with gzip.open(given.articles, "rt", encoding="utf-8") as lines:
        articles = [(item["gold"], item.get("title") or "") for item in map(json.loads, lines)]

    speed([text for text, _ in articles])
    print("Copies found: with the title / without, by length in words (articles)")
    recall(articles, chance)
    pairs, wrong = merged([story(key, text, title) for key, (text, title) in enumerate(articles)])
    print(f"Different articles: {len(articles)}, {pairs} pairs share a key, {len(wrong)} merged")
    for a, b in wrong:
        print(f"  {dedup.similarity(a.fingerprint, b.fingerprint):.2f}  {a.title[:70]!r} / {b.title[:70]!r}")
    for name, form in FORMS.items():
        stories = [
            story(key, text, title) for key, (title, text) in enumerate(filled(form, chance) for _ in range(100))
        ]
        pairs, wrong = merged(stories)
        bare = merged([dedup.Known(key=one.key, fingerprint=one.fingerprint) for one in stories])[1]
        print(f"Form {name}: 100 stories, {pairs} pairs share a key, {len(wrong)} merged, {len(bare)} without titles")


if __name__ == "__main__":
    main()
