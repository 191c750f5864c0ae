"""What the rules of drafting make of single sentences, English and Korean: who signs, what is promised, when, who speaks."""

from __future__ import annotations

import pytest

from tests.drafts import drafted

SIGNED = "Oldtown City and Newtown University signed a memorandum of understanding on 4 May 2021.\n\n"
UNDER = f"{SIGNED}Under the memorandum, Newtown University will open a desk in the town hall. Oldtown City will pay the clerk. "
SIGNED_IN_KOREAN = "가온시와 나래대학교가 14일 시청에서 업무협약을 체결했다.\n\n"
UNDER_IN_KOREAN = f"{SIGNED_IN_KOREAN}협약에 따라 가온시는 창구를 열 계획이다. "


@pytest.mark.parametrize(
    ("sentence", "parties"),
    [
        (
            "The MOU was signed yesterday in Port Ellis by Narnia’s Ministry of Coastal Affairs (MCA), the Port Institute (PI) and the Ellis Waterways Authority (EWA).",
            ["Ministry of Coastal Affairs", "Port Institute", "Ellis Waterways Authority"],
        ),
        (
            "The Alliance for River Control (ARC), through its Regional Office for the South, and the Ministry of Health of Ruritania signed a memorandum today.",
            ["Alliance for River Control", "Ministry of Health of Ruritania"],
        ),
        (
            "The Centre for Roots (CR) and the Institute of Plant Genetics and Seed Systems (IPGSS) signed an agreement.",
            ["Centre for Roots", "Institute of Plant Genetics and Seed Systems"],
        ),
        (
            "Quelimar, Mozambique – The United Nations Programme for Small Towns (UNPST) and the Municipality of Quelimar signed a letter of agreement.",
            ["United Nations Programme for Small Towns", "Municipality of Quelimar"],
        ),
        (
            "Bell Telecom Group plc and the Rift Observatory signed an agreement.",
            ["Bell Telecom Group plc", "Rift Observatory"],
        ),
        (
            "The University of Otara and the Southern Kelp Trust have put their names to a memorandum on the reefs between Karita and Nugget Point.",
            ["University of Otara", "Southern Kelp Trust"],
        ),
        (
            "Kolhapur, February 6: The Bhim Institute of Textile Research and Design (BITRD) inked a memorandum with the Panch Weavers' Federation Ltd here today.",
            ["Bhim Institute of Textile Research and Design", "Panch Weavers' Federation Ltd"],
        ),
    ],
)
def test_organisations_that_sign_stand_whole(sentence: str, parties: list[str]) -> None:
    assert drafted(sentence).parties == parties


@pytest.mark.parametrize(
    ("sentence", "promised"),
    [
        ("For its part, the City will publish a map.", ["the City will publish a map"]),
        ("The City commits to plant 300 trees.", ["The City commits to plant 300 trees"]),
        ("The City is to plant 300 trees.", ["The City is to plant 300 trees"]),
        (
            "In addition, a committee of three experts from each side will meet once a year.",
            ["a committee of three experts from each side will meet once a year"],
        ),
        ("The agreement aims to deepen the ties between the two.", []),
        ("The minister will visit the campus next week.", []),
        ("The signing will be followed by a reception.", []),
        ("Trade between the two will reach 2 million next year.", []),
        (
            "The memorandum sets out what each has agreed to, which includes a desk in the hall, a text line for reports and joint training for guards.",
            ["a desk in the hall", "a text line for reports", "joint training for guards"],
        ),
        (
            "The University will open its labs, the City will pay the rent, and Oldtown City undertakes to count the cars.",
            [
                "The University will open its labs",
                "the City will pay the rent",
                "Oldtown City undertakes to count the cars",
            ],
        ),
        (
            "To keep an eye on it, a local committee made up of three residents and two clerks will meet every month.",
            ["a local committee made up of three residents and two clerks will meet every month"],
        ),
        (
            "The two agreed to carry out three tasks, namely a survey of trees, the planting of oaks by 2028, and a loan fund for farmers.",
            ["a survey of trees", "the planting of oaks by 2028", "a loan fund for farmers"],
        ),
        (
            "The memorandum covers the drilling of 18 wells, the fencing of two pastures and an insurance for 6,000 homes.",
            ["the drilling of 18 wells", "the fencing of two pastures", "an insurance for 6,000 homes"],
        ),
        ("UNDER will be represented by its director.", []),
    ],
)
def test_a_sentence_below_a_promise_promises_or_does_not(sentence: str, promised: list[str]) -> None:
    assert drafted(UNDER + sentence).prose[2:] == promised


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("HAEON, March 1 — Oldtown City and Newtown University signed a pact yesterday.", None),
        ("20 February 2024\n\nOldtown City and Newtown University this month signed a pact on a desk every Thursday.", "2024-02"),
        ("Oldtown announced on the 10th that it had signed a pact with Newtown University the previous day, the 9th.", "XXXX-XX-09"),
        ("Thursday 22 June 2023\n\nOldtown City and Newtown University put pen to paper on an agreement yesterday.", "2023-06-21"),
        ("가온시와 나래대학교가 협약을 체결했다. 서명은 지난 9월 30일 시청에서 이뤄졌다.", "XXXX-09-30"),
    ],
)  # fmt: skip
def test_a_day_is_told_by_what_is_printed_and_no_further(text: str, edtf: str | None) -> None:
    assert drafted(text).agreement.get("signed_on") == edtf


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“I sign with joy,” said the President of the Municipal Council, Adélia dos Santos Macuácua.", "Adélia dos Santos Macuácua"),
        ("According to Zacarias Nhantumbo, the city’s head of water, it has 61 wells. “We never counted,” he said.", "Zacarias Nhantumbo"),
        ("Litia Waqa, a taro breeder who came early, was asked what she would show. “The fridge,” she said.", "Litia Waqa"),
        ("Hēmi Parata, Tumuaki of the Oldtown Trust Board, remembers the place.\n\n“We never bought it,” he says.", "Hēmi Parata"),
        ("Mayor Ann Vale says it was time.\n\nOne second-year student, who came along, was direct. ‘I want to stop carrying my keys at night.’", None),
        ("The Minister for Seas, Weather and Climate, Hon Sione Halapio, signed.\n\n“My father read the weather from the reef,” the Minister told guests.", "Sione Halapio"),
        ("‘We intend to be heard as such,’ says DLN Co-convenor Freya Tamihana.", "Freya Tamihana"),
        ("Mayor Ann Vale spoke.\n\nAn evacuee in his eighties, watching, murmured, “I will not see the oaks.”", None),
    ],
)  # fmt: skip
def test_a_speaker_is_who_the_words_around_name_and_nobody_else(text: str, speaker: str | None) -> None:
    assert drafted(SIGNED + text).speakers == [speaker]


@pytest.mark.parametrize(
    ("sentence", "parties"),
    [
        ("가온시·나래대학교·한빛소재협회·㈜다온칩스 4개 기관이 업무협약을 체결했다.", ["가온시", "나래대학교", "한빛소재협회", "㈜다온칩스"]),
        ("가온문화재단과 소리샘합창단이 업무협약을 맺었다.", ["가온문화재단", "소리샘합창단"]),
        ("솔내군은 11일 농협 솔내군지부, 푸른대학교 산학협력단과 업무협약식을 가졌다.", ["솔내군", "농협 솔내군지부", "푸른대학교 산학협력단"]),
    ],
)  # fmt: skip
def test_korean_parties_counted_behind_their_list(sentence: str, parties: list[str]) -> None:
    assert drafted(sentence).parties == parties


@pytest.mark.parametrize(
    ("sentence", "promised"),
    [
        ("나래대학교는 도서관 두 곳을 갖고 있는 대학으로 꼽힌다.", []),
        ("시는 방문객이 늘어날 것으로 기대했다.", []),
        ("한편 가온시는 하반기에 청년주택 입주자를 모집한다.", []),
    ],
)  # fmt: skip
def test_a_korean_sentence_below_a_promise_promises_or_does_not(sentence: str, promised: list[str]) -> None:
    assert drafted(UNDER_IN_KOREAN + sentence).prose[1:] == promised


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("황보율 나래대 총장이 참석했다.\n\n황보 총장은 “문턱을 낮추겠다”고 밝혔다.", "황보율"),
        ("“판로가 정해지니 젊은 농부가 돌아오기 시작했다”는 것이 구교린 미르협동조합 이사장의 설명이다.", "구교린"),
        ("군 관계자는 “정해진 것이 없다”고 말했다.", None),
        ("변태근 나래대 총장이 참석했다.\n\n“첫 수업은 물때를 보고 정한다”는 게 현장 교사의 설명이다.", None),
        ("나래대학교 총장 제갈민은 “골목에서 더 배우는 과목이 있다”고 말했다.", "제갈민"),
        ("협약식에서 옹달래 가온시장은 “불은 사람이 없는 곳에서 난다”고 말했다.", "옹달래"),
        ("연구원을 이끄는 탁영로 원장은 “드론은 쉬지 않는다”고 밝혔다.", "탁영로"),
        ("“노래가 도서관 한 채와 같습니다.” 사공현 나래대 총장은 이렇게 말하며 웃었다.", "사공현"),
    ],
)  # fmt: skip
def test_a_korean_speaker_is_who_the_words_name(text: str, speaker: str | None) -> None:
    assert drafted(SIGNED_IN_KOREAN + text).speakers == [speaker]


def test_a_heading_of_links_in_brackets_is_no_byline_and_what_stands_below_no_clause() -> None:
    text = f"{UNDER_IN_KOREAN}\n\n[이 시각 추천 뉴스]\n- 가온시 수목원 매진\n- 벚나무 절반이 노령목\n\n반지운 시장은 “나무는 돌보는 날이 길다”고 말했다.\n"
    seen = drafted(text)
    assert (seen.listed, seen.speakers) == ([], ["반지운"])


@pytest.mark.parametrize(
    "opening", ["[가온=나래뉴스] 나혜진 기자 = ", "[나래뉴스 나혜진 기자] ", "(가온=나래뉴스) 나혜진 기자 = "]
)
def test_a_reporter_is_the_author_wherever_the_brackets_close(opening: str) -> None:
    seen = drafted(f"가온시 나래대 협약\n\n{opening}{SIGNED_IN_KOREAN}")
    assert [seen.name(seen.source[role]) for role in ("author", "publisher")] == ["나혜진", "나래뉴스"]
