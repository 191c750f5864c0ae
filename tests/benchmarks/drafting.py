"""How long a draft takes: an article, and 100 KB of whatever makes readers slow; then random inputs.

python -m tests.benchmarks.drafting [SECONDS] prints the slowest inputs; nothing takes over 0.5 s.
"""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Iterator

from tests.drafts import drafted
from tracker.drafting import draft, read_bytes, read_text, yaml_of
from tracker.errors import Invalid

LONGEST = 100_000
ARTICLE = """Haeon City Signs Agreement with Korea Wellbeing Records Service
Director Dongha Seo: "A Trusted Base for Health Records"
Haeon City signed a business agreement with the Korea Wellbeing Records Service (K-WELL) on the 14th.
The main contents of the agreement are ▲opening a desk ▲linking clinics, and the two sides will look for topics.
Director Seo Dong-ha said, "Haeon and our service share the aim," and added, "We will put our staff on site."
“It’s a start,” said Mayor Ban Ji-woon. ‘The clinics’ staff agree,’ he said.
해온시(시장 반지운)는 14일 한국건강기록원(원장 서동하)과 업무협약을 체결했다.
반지운 시장은 “예방은 기록에서 시작한다”며 “함께 가겠다”고 말했다.
두 기관은 ▲창구 개설 ▲의원 연결 등을 추진하기로 했다.
"""
PIECES = [
    *"“”\"‘’'「」『』«»„▲△•①·-–—()[]<>&#;:,.!? \n\t",
    "“a ", "a” ", "‘a ", "a’ ", "'a ", "「", "« ", "▲a ", "① a ", "1) a ", "i) ", "- a\n", "• a\n", "○ 가다.\n", "(a", "<a ", "<!--", "<p>", "</", "<script>",
    "A ", "Aa Bb ", "Mr ", "Mayor ", "Mayor A ", "and ", "of ", "University of ", "A and B, ", "said ", " said ", "will ", "signed ", "agreement with ", "between ", "on the 31st ",
    "가", "가 ", "시장 ", "김가나 시장은 ", "가나시와 ", "협약 ", "체결 ", "라고 말했다. ", "은 ", "31일 ", "2020년 ", "a@b.c ", "http://", "©", "ⓒ ", "사진=", "Photo by ", "기자 ", "[가=나 기자] ",
    "Abcd said ", "Mr Abcd said. ", "김나원 ", "김나구 ", "가나대 ", "가나㈜ ", "가나(대표 김가나) ", "A Council, B and C Trust ", "The Council will pay. ", "‘a b\n", "“a”\n- Ab Cd, Mayor\n",
    "The agreement will ", "the two will ", "including a, b, ", "; ", ", and ", "\u0301", "é", "\U0001f600", "\x0b", "\u2028", "x" * 50, "1 ", "19 ", "(1) ", "Ltd. ", "J. ", "’s ", "City ",
]  # fmt: skip


def repeats() -> Iterator[tuple[str, str]]:
    """Yield 100 KB of each piece, of pairs of pieces, and of the article."""
    for piece in PIECES:
        yield f"{piece!r}", (piece * (LONGEST // len(piece.encode()) + 1))[:LONGEST]
    chosen = random.Random(5)
    for _ in range(120):
        pair = "".join(chosen.choices(PIECES, k=chosen.randint(2, 5)))
        yield f"{pair!r}", (pair * (LONGEST // len(pair.encode()) + 1))[:LONGEST]
    yield "the article", (ARTICLE * 200)[:LONGEST]
    yield "the article on one line", (ARTICLE.replace("\n", " ") * 200)[:LONGEST]


def mutated(chosen: random.Random) -> str:
    """Return the article with pieces put in, taken out and moved, or pieces alone."""
    if chosen.random() < 0.3:
        return "".join(chosen.choices(PIECES, k=chosen.randint(1, 80)))
    text = ARTICLE
    for _ in range(chosen.randint(1, 12)):
        at, other = sorted((chosen.randrange(len(text) + 1), chosen.randrange(len(text) + 1)))
        match chosen.randrange(3):
            case 0:
                text = text[:at] + chosen.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[min(other, at + 40) :]
            case _:
                text = text[:at] + text[other : other + 60] + text[at:]
    return text


def main() -> None:
    """Measure, then try random inputs for so many seconds."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20
    slow = []
    for name, text in repeats():
        started = time.perf_counter()
        with contextlib.suppress(Invalid):
            yaml_of(draft(read_text(text)))
        slow.append((time.perf_counter() - started, name))
    started = time.perf_counter()
    for _ in range(50):
        draft(read_text(ARTICLE))
    print(f"an article of {len(ARTICLE):,} characters: {(time.perf_counter() - started) * 20:.2f} ms")
    for took, name in sorted(slow, reverse=True)[:12]:
        print(f"100 KB of {name[:70]}: {took:.3f} s")
    chosen = random.Random(7)
    tried, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        text = mutated(chosen)
        tried += 1
        try:
            drafted(text)
            read_bytes(
                bytes(chosen.randrange(256) for _ in range(40)) + text.encode()[: chosen.randrange(200)]
            )
        except Invalid:
            pass
        except Exception:
            print(repr(text))
            raise
    print(f"{tried:,} random inputs: nothing undeclared raised, every string at its span")


if __name__ == "__main__":
    main()
