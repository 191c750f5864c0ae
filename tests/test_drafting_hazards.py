"""One hazard of press articles each: marks, speakers, decoys, noise, dates, encodings."""

from __future__ import annotations

import unicodedata

import pytest

from tests.drafts import drafted
from tracker.drafting import read_bytes, read_text
from tracker.errors import Invalid

SIGNED = "Oldtown City and Newtown University signed a memorandum of understanding on 4 May 2021.\n\n"


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ('"We will build it," said Mayor Ann Vale.', "We will build it,"),
        ("“We will build it,” said Mayor Ann Vale.", "We will build it,"),
        ('“We will build it," said Mayor Ann Vale.', "We will build it,"),
        (
            "‘We can’t wait for the students’ return,’ said Mayor Ann Vale.",
            "We can’t wait for the students’ return,",
        ),
        (
            "Mayor Ann Vale said: “We will build ‘the bridge’ and more.”",
            "We will build ‘the bridge’ and more.",
        ),
        ("«We will build it now», said Mayor Ann Vale.", "We will build it now"),
        ("“We will build it, said Mayor Ann Vale.", "We will build it,"),
    ],
)
def test_every_style_of_marks_gives_the_words_between_them(sentence: str, quote: str) -> None:
    assert drafted(SIGNED + sentence).quotes == [(quote, "Ann Vale")]


@pytest.mark.parametrize(
    "line",
    [
        'The city opened the "Green Valley Complex" last year.',
        "It is part of the so-called “green belt” of the region.",
        'They held a ceremony for the "Fostering of the Data Industry in Korea."',
        "The theme of the day was “together we grow.”",
        'A 12" pipe and a 14" pipe were shown.',
        "The city's and the students' plans aren't known.",
    ],
)
def test_titles_scare_quotes_and_ceremonies_are_no_quotations(line: str) -> None:
    assert drafted(SIGNED + line).quotes == []


def test_a_multi_paragraph_quotation_is_one_quote_a_paragraph() -> None:
    seen = drafted(
        SIGNED
        + "“We begin in May,” says Rector Lou Hall.\n\n“The first class has forty places.\n\n“Next year it has eighty.”"
    )
    assert seen.speakers == ["Lou Hall"] * 3


def test_nobody_is_named_where_two_might_have_spoken() -> None:
    seen = drafted(SIGNED + "Mayor Ann Vale and Rector Lou Hall said, “This is our day.”")
    assert seen.quotes == [("This is our day.", None)]


def test_a_decoy_list_is_no_clause() -> None:
    text = (
        SIGNED
        + "The city expects ▲more jobs ▲cleaner air ▲lower rents. Those present were ▲Ann Vale ▲Lou Hall.\n"
    )
    assert drafted(text).listed == []


def test_a_caption_that_begins_with_a_mark_is_no_clause() -> None:
    text = "가온시-나래대 업무협약 체결\n▲ 가온시와 나래대가 협약 후 기념촬영을 하고 있다. 사진=가온시\n▲ 협약서에 서명하는 모습\n가온시는 나래대와 업무협약을 체결했다."
    seen = drafted(text)
    assert (seen.listed, seen.prose) == ([], [])


def test_paragraphs_that_are_numbered_are_no_list() -> None:
    text = "1. Oldtown City signed an agreement with Newtown University.\n\n2. The mayor thanked all staff. It was a long day.\n\n3. The rector spoke at length. Guests applauded.\n"
    assert drafted(text).listed == []


@pytest.mark.parametrize(
    ("mark", "second"),
    [
        ("▲", "▲"),
        ("△", "△"),
        ("①", "②"),
        ("1) ", "2) "),
        ("a) ", "b) "),
        ("i) ", "ii) "),
        ("(1) ", "(2) "),
        ("• ", "• "),
    ],
)
def test_a_marked_list_after_a_promise_is_clauses(mark: str, second: str) -> None:
    text = (
        SIGNED
        + f"The main contents of the agreement are {mark}opening a joint laboratory {second}training fifty nurses."
    )
    assert drafted(text).listed == ["opening a joint laboratory", "training fifty nurses"]


@pytest.mark.parametrize(
    ("printed", "published", "edtf"),
    [
        ("on the 14th", None, "XXXX-XX-14"),
        ("on the 14th", "2020-08-31", "2020-08-14"),
        ("on the 31st", "2021-01-03", "2020-12-31"),
        ("today", None, None),
        ("today", "2020-08-31", "2020-08-31"),
        ("yesterday", "2020-03-01", "2020-02-29"),
        ("last Tuesday", "2020-08-31", "2020-08-25"),
        ("last Tuesday", None, None),
        ("on 5 March", None, "XXXX-03-05"),
        ("on 5 March", "2020-01-10", "2019-03-05"),
        ("on March 5, 2019", "2020-01-10", "2019-03-05"),
    ],
)
def test_a_day_is_what_the_text_and_the_day_of_publication_give(
    printed: str, published: str | None, edtf: str | None
) -> None:
    seen = drafted(f"Oldtown City and Newtown University signed an agreement {printed}.", published=published)
    assert seen.agreement.get("signed_on") == edtf


@pytest.mark.parametrize(
    ("printed", "published", "edtf"),
    [
        ("31일", None, "XXXX-XX-31"),
        ("지난 5일", "2020-09-01", "2020-08-05"),
        ("8월 31일", "2020-09-01", "2020-08-31"),
        ("2020년 8월 31일", None, "2020-08-31"),
    ],
)
def test_a_korean_day_is_read_the_same_way(printed: str, published: str | None, edtf: str) -> None:
    seen = drafted(f"가온시는 {printed} 시청에서 나래대학교와 업무협약을 체결했다.", published=published)
    assert seen.agreement["signed_on"] == edtf


@pytest.mark.parametrize(
    ("printed", "edtf"),
    [
        ("on May 3 last year", "2020-05-03"),
        ("on the 2nd of last month", "2021-04-02"),
        ("last year on May 3", "2020-05-03"),
        ("on May 3 the same year", "XXXX-05-03"),
        ("on Tuesday, May 4", "2021-05-04"),
        ("on Tuesday, 4 May 2021", "2021-05-04"),
        ("on Monday (May 3)", "2021-05-03"),
    ],
)
def test_words_beside_a_day_say_of_which_year_or_month_it_is(printed: str, edtf: str) -> None:
    seen = drafted(
        f"Oldtown City and Newtown University signed an agreement {printed}.", published="2021-05-12"
    )
    assert seen.agreement.get("signed_on") == edtf


@pytest.mark.parametrize(
    ("printed", "edtf"),
    [
        ("작년 12월 1일", "2020-12-01"),
        ("재작년 11월 3일", "2019-11-03"),
        ("지난달 3일", "2021-04-03"),
        ("지난해 2월 29일", "2020-02-29"),
        ("같은 해 3월 2일", "XXXX-03-02"),
    ],
)
def test_korean_words_before_a_day_say_of_which_year_or_month_it_is(printed: str, edtf: str) -> None:
    seen = drafted(f"가온시는 {printed} 시청에서 나래대학교와 업무협약을 체결했다.", published="2021-05-12")
    assert seen.agreement["signed_on"] == edtf


def test_what_will_be_signed_is_pending() -> None:
    assert (
        drafted("Oldtown City and Newtown University will sign an agreement next month.").agreement[
            "lifecycle"
        ]
        == "pending"
    )


def test_a_former_name_and_an_abbreviation_belong_to_their_organisation() -> None:
    text = (
        "Oldtown City signed an agreement with the Coastal Research Agency (CRA) on 4 May 2021.\n\n"
        "The Coastal Research Agency, which started in 1998 as the Marine Survey Office, employs 90 people."
    )
    seen = drafted(text)
    assert seen.names("Coastal Research Agency") == [
        ("CRA", "abbreviation"),
        ("Marine Survey Office", "former"),
    ]
    assert seen.party("Coastal Research Agency")["founded"] == "1998"


@pytest.mark.parametrize(
    "noise",
    [
        'Hot Topics\n"I Lost My House"... Readers React\n- Ferry Deal Reached\n',
        "View original image\n",
        "Subscribe to our newsletter\n",
        "We use cookies on this website to improve your experience.\n",
        "Media contact: Jo Reed, jo@example.org\n",
        "© 2021 The Sample Daily. All rights reserved.\n",
        '관련기사\n- "월세가 두 배"... 세입자들 줄 섰다\n',
        "Share this article\nFacebook\nTwitter\n",
    ],
)
def test_noise_becomes_no_data_wherever_it_stands(noise: str) -> None:
    after = "Mayor Ann Vale of Oldtown City also stressed in her speech, “We begin with the bridge over the river.”\n"
    seen = drafted(SIGNED + noise + after)
    assert seen.quotes == [("We begin with the bridge over the river.", "Ann Vale")]
    assert (seen.listed, len(seen.parties)) == ([], 2)


def test_a_page_is_read_without_its_menus_and_scripts() -> None:
    page = """<!DOCTYPE html><html lang="en"><head><title>Deal | Sample</title><meta property="og:site_name" content="Sample Daily">
    <meta property="article:published_time" content="2021-05-05T09:00:00Z"><script>var a = "“not this”";</script><style>p{}</style></head>
    <body><nav><a>“Home”</a></nav><article><h1>Oldtown and Newtown sign deal</h1><p>Oldtown City and Newtown University signed an agreement on the 4th.</p>
    <p>&ldquo;It&rsquo;s time,&rdquo; said Mayor Ann Vale.</p><p>Under the agreement, the parties will:</p><ul><li>open a laboratory</li><li>train nurses</li></ul></article><footer>© all</footer></body></html>"""
    from tracker.drafting import Publication, draft

    document = draft(read_text(page), Publication())
    source, agreement = document["sources"][0], document["agreements"][0]
    text = source["text"]
    assert [text[entry["start"] : entry["end"]] for entry in agreement["quotes"]] == ["It’s time,"]
    assert [entry["text"] for entry in agreement["clauses"]] == ["open a laboratory", "train nurses"]
    assert (source["published"], agreement["signed_on"], source["char_count"]) == (
        "2021-05-05",
        "2021-05-04",
        len(text),
    )


def test_cp949_reads_like_utf8() -> None:
    text = "가온시는 14일 나래대학교와 업무협약을 체결했다.\n반지운 시장은 “함께 가겠다”고 말했다.\n"
    assert read_bytes(text.encode("cp949")) == read_bytes(text.encode())


@pytest.mark.parametrize(
    "raw",
    [
        "광주시가 협약을 맺었다".encode().decode("latin-1").encode(),
        "광주시가 협약을 맺었다. 데이터 산업을 키운다.".encode("cp949").decode("latin-1").encode(),
        "“It’s time,” said the mayor’s office".encode().decode("cp1252", "replace").encode(),
        "caf\ufffd".encode(),
        b"\xff\xfea\x00",
        b"a\x00b",
        b"\xe9t\xe9 fini",
        b"",
        b" \n ",
    ],
)
def test_what_cannot_be_read_is_refused_with_one_clear_fault(raw: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read_bytes(raw)
    assert len(refused.value.faults) == 1


def test_the_same_article_gives_the_same_draft() -> None:
    from tests import articles
    from tracker.drafting import draft, yaml_of

    assert len({yaml_of(draft(read_text(articles.KO_NEWS))) for _ in range(3)}) == 1


@pytest.mark.parametrize(
    "lead",
    [
        "The expected effects of the agreement include",
        "The city hopes the partnership will bring",
        "So far the agency has achieved",
        "Its awards include",
        "The signing ceremony was attended by",
    ],
)
def test_what_is_hoped_for_or_past_is_no_clause_whatever_its_marks(lead: str) -> None:
    assert drafted(SIGNED + f"{lead} ▲more jobs ▲cleaner air.").listed == []


def test_an_agreement_that_takes_effect_later_still_lists_its_clauses() -> None:
    text = (
        SIGNED
        + "The agreement, which takes effect on July 1, includes:\n* a shared laboratory\n* tuition support\n"
    )
    assert drafted(text).listed == ["a shared laboratory", "tuition support"]


def test_a_surname_that_is_a_small_word_is_still_a_surname() -> None:
    text = SIGNED + 'President Na Seong-min of Newtown University said, "We will open the doors."'
    assert drafted(text).quotes == [("We will open the doors.", "Na Seong-min")]


def test_a_list_of_those_who_signed_is_no_list_of_clauses() -> None:
    text = (
        SIGNED
        + "The MOU on exchanges was signed by the following representatives:\n- Ms Ann Vale, Mayor\n- Mr Lou Hall, Rector\n"
    )
    assert drafted(text).listed == []


def test_names_in_parentheses_are_told_apart() -> None:
    text = (
        "콘텐츠 바로가기\n가람시·기록원 협약\n\n가람시와 재단법인 한빛건강기록원(옛 건강정보원, 원장 한정우, 이하 기록원), "
        "서아프리카물기구(WAWS, West Africa Water)는 3일 오후 2시 30분 가람시청 회의실에서 업무협약을 체결했다."
    )
    seen = drafted(text)
    names = {
        entry["name"]: [(name["name"], name["kind"]) for name in entry.get("names", [])]
        for entry in seen.document["parties"]
    }
    assert names["한빛건강기록원"] == [("건강정보원", "former"), ("기록원", "alias")]
    assert names["서아프리카물기구"] == [("WAWS", "abbreviation"), ("West Africa Water", "alias")]
    assert seen.agreement["title"] == "가람시·기록원 협약"
    assert seen.agreement["signing_place"] == "가람시청 회의실"


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("Posted On: 12 SEP 2022 6:41PM by PIB", "2022-09-12"),
        ("Mon, 12 Sep, 2022 - 17:10", "2022-09-12"),
        ("Updated - September 12, 2022 10:41 am IST", "2022-09-12"),
        ("Northern Herald | September 12, 2022", "2022-09-12"),
        ("By Ann Vale  September 12, 2022, 7:53 pm", "2022-09-12"),
    ],
)
def test_the_day_of_printing_is_read_as_sites_write_it(printed: str, day: str) -> None:
    text = f"Town and school sign\n\n{printed}\n\nThe Town of Newtown and Hill College today signed an agreement.\n"
    seen = drafted(text)
    assert (seen.source["published"], seen.agreement["signed_on"]) == (day, day)


def test_a_weekday_to_come_on_its_own_day_is_no_date() -> None:
    text = (
        "Tuesday 12 March 2024\n\nThe Town of Newtown and Hill College will sign an agreement on Tuesday.\n"
    )
    seen = drafted("Town and school to sign\n\n" + text)
    assert (seen.agreement["lifecycle"], seen.agreement.get("signed_on")) == ("pending", None)


def test_promises_of_several_in_one_sentence_and_in_numbered_paragraphs() -> None:
    text = (
        "Two sign\n\n1. The Cedar Port Authority and Cedar First Nation signed a stewardship agreement.\n\n"
        "2. The Port Authority will pay $2 million over eight years.\n\n"
        "3. The Nation will appoint a harbour guardian, and both parties will review the agreement every year.\n\n"
        "4. The agreement will be re-signed in 2030, a spokesperson said.\n"
    )
    assert drafted(text).prose == [
        "The Port Authority will pay $2 million over eight years",
        "The Nation will appoint a harbour guardian",
        "both parties will review the agreement every year",
    ]


def test_a_university_and_a_district_that_begin_as_surnames_do_are_no_persons() -> None:
    text = (
        "강서구·고려대 협약\n\n강서구(구청장 민경택)와 고려대(총장 한정우)는 3일 강서구청에서 업무협약을 체결했다.\n\n"
        '강서구 민경택 구청장은 "함께 가겠다"고 말했다. 고려대 총장은 "문을 열겠다"고 말했다.\n\n'
        '나주시장은 "배를 나누겠다"고 했다. 피부과 원장은 "돕겠다"고 말했다.\n'
    )
    seen = drafted(text)
    assert seen.signers == [("강서구", "민경택"), ("고려대", "한정우")]
    assert seen.quotes == [
        ("함께 가겠다", "민경택"),
        ("문을 열겠다", None),
        ("배를 나누겠다", None),
        ("돕겠다", None),
    ]


def test_universities_named_in_short_sign() -> None:
    text = (
        "조선대·연세대 협약\n\n조선대와 연세대는 3일 조선대에서 교류 업무협약을 체결했다. "
        '조선대 총장은 "함께 가겠다"고 말했다. 연세대 한정우 총장은 "문을 열겠다"고 말했다.\n'
    )
    seen = drafted(text)
    assert seen.parties == ["조선대", "연세대"]
    assert seen.speakers == [None, "한정우"]


def test_where_a_speaker_works_is_no_person_though_said_stands_behind_it() -> None:
    text = (
        "Three sign\n\nThe City of Harbour, Marrow Health and Kestrel College signed a memorandum of understanding.\n\n"
        "Marrow Health will pay the fees.\n\n"
        'Ruth Odell, who leads nursing at Marrow Health, said the class was full. "They are asking," she said.\n'
    )
    seen = drafted(text)
    assert seen.parties == ["City of Harbour", "Marrow Health", "Kestrel College"]
    assert seen.quotes == [("They are asking,", "Ruth Odell")]


def test_spans_count_in_a_text_without_a_mark_of_byte_order_with_ended_lines_and_composed_letters() -> None:
    decomposed = unicodedata.normalize("NFD", "가온시 é")
    article = read_text(f"\ufeff{decomposed}\r\n“a”\rb\n")
    assert article.text == "가온시 é\n“a”\nb\n"


KOREAN = "가온시-나래대 협약\n\n가온시와 나래대학교는 3일 시청에서 업무협약을 체결했다."


def test_a_korean_sentence_ends_where_the_next_follows_without_a_space() -> None:
    seen = drafted(KOREAN + "두 기관은 진료소를 함께 운영하기로 했다.가온시는 부지를 제공하기로 했다.")
    assert seen.prose == ["진료소를 함께 운영", "가온시는 부지를 제공"]


@pytest.mark.parametrize(
    "text",
    [
        KOREAN
        + "\n\n협약 내용은 다음과 같다.\n- 가온시는 지난해 진료소를 열었다.\n- 나래대는 교육을 시행했다.",
        SIGNED
        + "The agreement includes:\n• The city opened a clinic in 2019.\n• The college trained 40 nurses.",
    ],
)
def test_bulleted_sentences_in_the_past_tense_are_no_promises(text: str) -> None:
    seen = drafted(text)
    assert (seen.listed, seen.prose) == ([], [])


@pytest.mark.parametrize(
    ("list", "listed", "prose"),
    [
        ("▲순회진료 실시 ▲원격협진 구축이 있다", ["순회진료 실시", "원격협진 구축"], []),
        ("▲순회진료 실시 ▲원격협진 구축 등을 정했다", ["순회진료 실시", "원격협진 구축"], []),
        ("순회진료 실시, 원격협진 구축 등이 있다", [], ["순회진료 실시", "원격협진 구축"]),
    ],
)
def test_the_main_tasks_are_promises(list: str, listed: list[str], prose: list[str]) -> None:
    seen = drafted(f"{KOREAN}\n\n시는 인구가 줄고 있다.\n\n주요 과제로는 {list}.")
    assert (seen.listed, seen.prose) == (listed, prose)


def test_a_draft_lists_the_marks_and_promises_that_became_no_clause() -> None:
    text = (
        SIGNED + "The signing was attended by ▲Ann Vale ▲Lou Hall. Rents will fall, said the mayor.\n"
        "Under the memorandum, Oldtown City will pay the clerk.\n"
    )
    seen = drafted(text)
    note = seen.agreement["draft"]
    assert [entry["text"] for entry in note["not_taken"]] == [
        "Ann Vale",
        "Lou Hall. Rents will fall, said the mayor.",
    ]
    assert all(seen.text[entry["start"] : entry["end"]] == entry["text"] for entry in note["not_taken"])
    assert (seen.prose, note["confidence"]) == (["Oldtown City will pay the clerk"], "low")
    assert any("not_taken" in words for words in note["look_at"])


def test_a_korean_promise_that_became_no_clause_is_listed() -> None:
    seen = drafted(KOREAN + "\n\n한편 시는 지난해 청년주택을 짓기로 했다.\n")
    assert [entry["text"] for entry in seen.agreement["draft"]["not_taken"]] == [
        "한편 시는 지난해 청년주택을 짓기로 했다."
    ]


@pytest.mark.parametrize(
    ("party", "confidence"),
    [("Arumbot", "low"), ("Arumbot Ltd", "high"), ("Arumbot (ARB)", "high"), ("ARB", "high")],
)
def test_a_party_that_nothing_shows_to_be_one_is_of_low_confidence(party: str, confidence: str) -> None:
    seen = drafted(f"Oldtown City and {party} signed an agreement on 4 May 2021.")
    assert seen.party(party.partition(" (")[0])["draft"]["confidence"] == confidence


def test_a_party_with_a_signatory_is_one() -> None:
    seen = drafted(
        "Oldtown City signed an agreement with Arumbot on 4 May 2021.\n\n"
        "The agreement was signed by Oldtown Mayor Ann Vale and Arumbot Director Lou Hall.\n"
    )
    assert seen.signers[1] == ("Arumbot", "Lou Hall")
    assert seen.party("Arumbot")["draft"]["confidence"] == "high"


@pytest.mark.parametrize(
    ("line", "speaker"),
    [
        ("“We use cookies in our canteen and browsers in class,” said Mayor Ann Vale. All rights reserved.", "Ann Vale"),
        ("“For more information, come to the hall,” said Mayor Ann Vale at the town’s website, a@b.example.", "Ann Vale"),
        ("Mayor Ann Vale said, “Subscribe to our newsletter and read it.” (Photo by Kim Doe)", "Ann Vale"),
    ],
)  # fmt: skip
def test_a_paragraph_with_a_quotation_is_never_dropped_as_noise(line: str, speaker: str) -> None:
    assert drafted(SIGNED + line).speakers == [speaker]


@pytest.mark.parametrize("verb", ["체결했다", "맺었다", "교환했다"])
def test_who_signs_before_an_office_joined_with_another_signs(verb: str) -> None:
    seen = drafted(
        f"가온시-나래대 협약\n\n반지운 가온시장과 오세린 나래대 총장은 14일 시청에서 업무협약을 {verb}."
    )
    assert seen.signers == [("가온시", "반지운"), ("나래대", "오세린")]


def test_a_party_whose_people_are_named_and_do_not_sign_asks_who_signed() -> None:
    seen = drafted(KOREAN + "\n\n반지운 가온시장은 “함께 가겠다”고 말했다.\n")
    city, university = seen.agreement["parties"]
    assert city["draft"]["look_at"] == ["who signed for it? its people here: 반지운"]
    assert "draft" not in university
