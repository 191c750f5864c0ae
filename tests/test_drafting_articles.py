"""Drafts of invented articles, whole: who signs, who said what, what was promised, when."""

from __future__ import annotations

from typing import Any

import pytest

from tests import articles
from tests.drafts import drafted

EXPECTED: dict[str, dict[str, Any]] = {
    "ASEAN": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "2017-07-03",
        "signers": [("Civil Defence Force", "Tan Wei Ming"), ("Kyros Fire Academy", "Petros Lanis")],
        "quotes": [
            ("Fires speak every language. Firefighters must too.", "Tan Wei Ming"),
            ("honoured to learn from one of the best", "Petros Lanis"),
        ],
        "listed": [
            "exchange of instructors",
            "joint exercises on urban search and rescue",
            "research on tunnel fires",
        ],
        "prose": [],
    },
    "BRITISH": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Millbrook Council", None), ("Denham College", None)],
        "quotes": [
            ("We can’t keep asking employers to wait,", "Priya Anand"),
            ("The students’ training starts in May.", "Priya Anand"),
            ("It’s a “once in a decade” chance.", "Owen Hartley"),
        ],
        "listed": [],
        "prose": [],
    },
    "BULLETS": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "2021-10-02",
        "signers": [("Ministry of Transport", None), ("Velora Rail", None)],
        "quotes": [("Night trains are back,", "Alba Reyes")],
        "listed": [
            "open a night train between Kestrel and Dunmore by 2023",
            "train 200 drivers",
            "publish punctuality figures every month",
        ],
        "prose": [],
    },
    "CITY_SISTER": {
        "kind": "sister_city",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("City of Clearwater", None), ("Municipality of Osorio", None)],
        "quotes": [
            ("It's a small step with a long shadow,", "Dana Whitlock"),
            ("a bridge between two working towns.", "Emilio Vargas"),
        ],
        "listed": [
            "a yearly exchange of ten high school students",
            "joint bids for trade fairs",
            "a shared library collection",
        ],
        "prose": [],
    },
    "FIRSTNAME": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Kauri Trust", None), ("Motu Museum", None)],
        "quotes": [
            ("They are home,", "Ngaire Poutama"),
            ("We're guests in this story,", "Henry Lowe"),
            ("The trust's elders are the authors.", "Henry Lowe"),
            ("Kia ora,", "Ngaire Poutama"),
        ],
        "listed": [],
        "prose": ["care for 300 taonga"],
    },
    "HEADLINE_QUOTE": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "2020-03-01",
        "signers": [("Norwick Borough", None), ("Elmhurst Borough", None)],
        "quotes": [("A bridge, not a wall", None), ("We start in June,", "Olive Trent")],
        "listed": [],
        "prose": ["run one bus line", "sell one ticket", "publish one timetable"],
    },
    "INVERTED": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("RIVERMOUTH District Council", None), ("Ngāti Roto", None)],
        "quotes": [
            ("We waited forty years for this day.", "Mere Paki"),
            ("It is in the plan.", "Alan Beech"),
            ("the first hui is in June", "Tom Ruru"),
        ],
        "listed": [],
        "prose": [],
    },
    "KO_ALONE": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-20",
        "signers": [("누리구", "한서진"), ("푸른재단", "문가온")],
        "quotes": [
            ("돌봄은 마을이 함께 할 일", "한서진"),
            ("내년까지 돌봄교실을 20곳으로 늘리겠다", "한서진"),
            ("아이들이 웃는 동네를 만들겠습니다.", "문가온"),
        ],
        "listed": [],
        "prose": ["방과 후 돌봄교실을 함께 운영", "돌봄교사 30명을 양성"],
    },
    "KO_INDIRECT": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("물빛구", "표지호"), ("물빛시장상인회", "도예린")],
        "quotes": [
            ("시장이 살아야 골목이 산다", "표지호"),
            ("주차장 80면을 새로 만들겠다", "표지호"),
            ("가격표시제를 모든 점포가 지키겠다", "도예린"),
        ],
        "listed": [],
        "prose": [],
    },
    "KO_INVEST": {
        "kind": "investment",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-03",
        "signers": [("가온도", "윤태오"), ("미르시", "신하람"), ("다솜전자", "백두현")],
        "quotes": [
            ("기업이 오는 길을 닦겠다", "윤태오"),
            ("지역 인재를 먼저 뽑겠다", "백두현"),
            ("약속은 숫자로 보여드리겠다", "백두현"),
            ("미르의 내일을 여는 공장이 되길 기대한다", "신하람"),
        ],
        "listed": [],
        "prose": [
            "다솜전자는 2026년까지 미르산단 3만㎡ 부지에 500억 원을 투자해 배터리 부품공장을 짓",
            "120명을 새로 고용",
            "인허가와 기반시설을 지원",
        ],
    },
    "KO_NEWS": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-05",
        "signers": [("해온시", "반지운"), ("한빛대학교", "오세린")],
        "quotes": [
            ("청년이 떠나지 않는 도시를 만들겠다", "반지운"),
            ("첫 입주기업을 올해 안에 받겠다", "반지운"),
            ("대학의 문을 지역에 열겠다", "오세린"),
        ],
        "listed": ["창업 보육공간 공동 운영", "예비창업자 교육과정 개발", "지역기업 연계 현장실습 지원"],
        "prose": [],
    },
    "KO_PRESS": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "2023-04-11",
        "signers": [("가람군", None), ("농협은행 가람군지부", None)],
        "quotes": [
            ("고향을 돕는 길이 가까워졌다", "조민재"),
            ("창구를 다음 달부터 열겠다", "조민재"),
            ("직원 모두가 홍보대사가 되겠다", None),
        ],
        "listed": ["기부자 전용 창구 운영", "답례품 홍보 지원", "농산물 판로 확대"],
        "prose": [],
    },
    "KO_UNIV3": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("새솔대학교", None), ("한별병원", None), ("온누리재단", None)],
        "quotes": [
            ("대학과 병원이 한 교실이 되는 출발점", "고은채"),
            ("학생들이 지역에 남도록 돕겠다", "고은채"),
            ("실습은 병동에서 시작된다", "주시온"),
            ("장학금은 3년간 지원할 계획", None),
        ],
        "listed": ["간호학과 현장실습 확대", "장학금 조성", "공동 연구", "취업 연계"],
        "prose": [],
    },
    "MINISTERS": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Estmark", None)],
        "quotes": [
            ("Paper is slow, and slow is expensive,", "Karen Oduya"),
            ("It was the easiest negotiation of my career,", "Lars Holm"),
            ("Where is the consultation?", "Hine Paewai"),
        ],
        "listed": [],
        "prose": [
            "recognise each other's electronic invoices",
            "open their procurement portals",
            "report progress each year",
        ],
    },
    "NOISE_MID": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Ridgeway University", None), ("Cobalt Energy", None)],
        "quotes": [("Batteries are chemistry with a deadline,", "Ivo Marsh")],
        "listed": [],
        "prose": ["Cobalt Energy will fund five doctoral students"],
    },
    "PENDING": {
        "kind": "other",
        "lifecycle": "pending",
        "signed_on": None,
        "signers": [("City of Nordhaven", None), ("City of Solvik", None)],
        "quotes": [],
        "listed": [],
        "prose": ["The two cities will cut bus emissions by half and share one data platform"],
    },
    "POLICE": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("New Zealand Police", None), ("Te Hau Iwi", None)],
        "quotes": [
            ("We've learned that early help works, and it's cheaper than court,", "Grace Moana"),
            ("This isn't a licence to look away. It's a promise to look earlier.", "Grace Moana"),
            ("Our young people's names should be known for the right reasons,", "Tama Rewi"),
        ],
        "listed": [],
        "prose": [
            "information sharing",
            "joint training of officers and whānau workers",
            "a review every two years",
        ],
    },
    "PT": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-14",
        "signers": [("Prefeitura de Lagoa Azul", None), ("Universidade do Vale", None)],
        "quotes": [
            ("A parceria leva a universidade para dentro dos bairros", "Marina Queiroz"),
            ("Vamos começar em março", "Paulo Brandão"),
        ],
        "listed": [
            "cursos gratuitos de informática",
            "estágio para 50 estudantes",
            "apoio às escolas rurais",
        ],
        "prose": [],
    },
    "PT2": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "2021-05-12",
        "signers": [("Câmara Municipal de Vila Nova", None), ("Instituto do Mar", None)],
        "quotes": [
            ("o mar é a nossa maior estrada", "Rui Tavares"),
            ("É um passo pequeno, mas certo", "Inês Faria"),
        ],
        "listed": ["um laboratório no porto", "visitas de escolas", "dados abertos"],
        "prose": [],
    },
    "ROLE_ONLY": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "2022-04-07",
        "signers": [("Bayview Port Authority", None), ("Delta Shipping Company", None)],
        "quotes": [
            ("Ships will switch off their engines at berth,", None),
            ("It is overdue,", None),
            ("the first vessel will plug in next spring", "Delta Shipping Company"),
        ],
        "listed": [],
        "prose": [],
    },
    "SING_MINISTRY": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "2019-05-12",
        "signers": [
            ("Ministry of Water Affairs", "Lim Boon Seng"),
            ("Ministry of Environment and Climate of Norvania", "Ingrid Falk"),
        ],
        "quotes": [
            ("Water knows no borders. We are glad to have Norvania as a partner.", "Lim Boon Seng"),
            ("Singapore shows what a small country can do with every drop.", "Ingrid Falk"),
        ],
        "listed": [],
        "prose": [
            "both countries will exchange experts and jointly fund three pilot plants",
            "The two sides will also hold an annual dialogue",
        ],
    },
    "SPLIT_SPEAKERS": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Harbour City", None), ("Tidewater College", "Nia Brooks")],
        "quotes": [
            ("We have jobs without people,", "Lou Garner"),
            ("and people without jobs.", "Lou Garner"),
            ("This pact,", "Nia Brooks"),
            ("is how you fix that.", "Nia Brooks"),
            ("It's in the budget,", "Lou Garner"),
            ("Page nine.", "Lou Garner"),
        ],
        "listed": [],
        "prose": [],
    },
    "THREE_WAY": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [
            ("Sealink North", None),
            ("Island Transport Authority", "Sione Vaka"),
            ("Marlow District Council", None),
        ],
        "quotes": [
            ("People plan their lives around a timetable,", "Joanna Brill"),
            ("They deserve one that holds.", "Joanna Brill"),
            ("It's money well spent,", "Peter Ashdown"),
            ("My grandmother rowed,", "Sione Vaka"),
            ("My grandchildren won't have to.", "Sione Vaka"),
        ],
        "listed": [],
        "prose": ["improve ferry services to the outer islands"],
    },
    "TRANSLATED": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-09",
        "signers": [("Garam County", "Jo Min-jae"), ("Nara Bank", "Yoo Hye-rin")],
        "quotes": [
            ("Small shops are the first lights on our streets,", "Jo Min-jae"),
            ("We will keep them on.", "Jo Min-jae"),
            ("A bank grows only where shops grow.", "Yoo Hye-rin"),
        ],
        "listed": [],
        "prose": [
            "Garam County will contribute 500 million won to a guarantee fund",
            "Nara Bank will lend up to 6 billion won at low interest",
        ],
    },
    "UNCLOSED": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Lakeside University", None), ("Pinecrest Hospital", None)],
        "quotes": [
            ("The wards are ready for our students,", "Lena Ortiz"),
            ("We start with sixty places.", "Lena Ortiz"),
            ("By next year there will be a hundred,", "Lena Ortiz"),
        ],
        "listed": [],
        "prose": [],
    },
    "UNI_BETWEEN": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "2015-03-02",
        "signers": [("Tasman Polytechnic", "Rowena Pike"), ("Harbour Health Trust", None)],
        "quotes": [
            ("Rural clinics are short of hands and our students are short of places,", "Rowena Pike"),
            ("This agreement answers both.", "Rowena Pike"),
            ("They ask questions we have stopped asking.", "Hemi Walker"),
        ],
        "listed": [],
        "prose": [
            "A new partnership between Tasman Polytechnic and the Harbour Health Trust will give "
            "nursing students placements in rural clinics",
            "the trust will host up to 40 students a year",
            "the polytechnic will fund a clinical supervisor",
        ],
    },
    "UNI_NAMED_LATE": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Coral Coast University", None), ("National Fisheries Agency", None)],
        "quotes": [
            ("The reef does not care which logo is on the boat.", "Amelia Teo"),
            ("Good data is the beginning of good management. Without it we are guessing.", "Josefa Bola"),
        ],
        "listed": [],
        "prose": ["The MoU provides for joint surveys, shared vessels and student placements"],
    },
    "WELCOME_FIRST": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [
            ("Alpine Institute of Technology", "Martin Holloway"),
            ("Xinhe Vocational College of Yunnan", None),
        ],
        "quotes": [
            ("It shows that vocational education travels well,", "Martin Holloway"),
            (
                "They work with their hands and think with their heads. That is what we want for our "
                "students too.",
                "Liu Wenbo",
            ),
        ],
        "listed": [],
        "prose": [
            "Xinhe students will complete two years in Yunnan before transferring to AIT for their "
            "final year",
            "AIT will also provide English language support",
        ],
    },
    "RIVER_THREE": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "2023-03-14",
        "signers": [
            ("Ashdown Borough Council", None),
            ("Marrow Water", None),
            ("Ashdown Wildlife Trust", None),
        ],
        "quotes": [
            ("Five years is short for a river,", None),
            ("We have waited for this.", "Ines Hale"),
        ],
        "listed": [],
        "prose": [
            "Marrow Water will spend £1.9 million on new storm tanks",
            "the trust will plant 4,000 trees along the beck",
            "The council has promised not to mow the banks before August",
            "A steering group will meet every quarter",
        ],
    },
    "NATION": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "2023-06-21",
        "signers": [("Cedar Narrows First Nation", None), ("Loon Bay University", None)],
        "quotes": [
            ("They kept count when nobody else did,", "Amos Wabun"),
            ("My grandmother would have laughed,", None),
        ],
        "listed": [],
        "prose": [
            "an aerial count every second winter",
            "a herd register in two languages",
            "the training of four young technicians",
            "All data collected on the territory will remain the property of the Nation",
        ],
    },
    "NICKNAME": {
        "kind": "moa",
        "lifecycle": "active",
        "signed_on": "2023-09-12",
        "signers": [("Norte State University", "Carmen Villar"), ("Santa Rosa", None)],
        "quotes": [
            ("A school that does not dirty its shoes cannot teach farming,", "Carmen Villar"),
            ("You never forget the smell,", 'Ernesto "Nestor" Dimas'),
            ("We will be back in a year,", "Paolo Umali"),
        ],
        "listed": [],
        "prose": [],
    },
    "TO_BE_SIGNED": {
        "kind": "other",
        "lifecycle": "pending",
        "signed_on": None,
        "signers": [("Fenmoor Borough Council", None), ("North Marsh District Council", None)],
        "quotes": [
            ("We are neighbours and we don't want to waste money.", None),
            ("What it is, is common sense,", "Paul Jarvis"),
        ],
        "listed": [],
        "prose": [],
    },
    "KO_PRESENT": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("그린루프", "김도연"), ("세움도시공사", "하유진")],
        "quotes": [
            ("지붕도 땅이라는 마음으로 준비한 뜻깊은 협약", "하유진"),
            ("주민이 먼저 웃게 하겠다", "하유진"),
        ],
        "listed": [],
        "prose": [
            "그린루프는 설비의 설계와 시공을 맡",
            "세움도시공사는 옥상 공간을 무상으로 제공",
            "발전 수익의 30%는 입주민 관리비를 줄이는 데 쓰",
        ],
    },
    "KO_MAIN_POINTS": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-03",
        "signers": [("가람시", "민경택"), ("한국건강기록원", "한정우")],
        "quotes": [
            ("혼자 앓는 이웃이 없어야 한다", "민경택"),
            ("현장에서 답을 찾겠다", "민경택"),
            ("기록이 먼저 문을 두드리겠다", "한정우"),
            ("학교에서도 돕겠다", "나혜진"),
        ],
        "listed": ["건강 데이터 공유", "전문 인력 양성", "시민 교육"],
        "prose": [],
    },
    "KO_PARTNERS": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "XXXX-XX-30",
        "signers": [("온빛경찰서", None), ("가온병원", None), ("다솜병원", None), ("나래병원", None)],
        "quotes": [("골목을 지키는 분들을 우리가 지키겠다", "정해원")],
        "listed": ["방범대원 진료비 10% 감면", "연 1회 건강검진"],
        "prose": ["가온병원은 대원에게 전담 간호사를 배정해"],
    },
    "SIGNED_QUOTES": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": None,
        "signers": [("Celltera Limited", None), ("Gipps College", None)],
        "quotes": [
            ("Cells do not retire, they change jobs. So should we.", "Karen Whitlock"),
            ("Our students asked for this.", "Simon Petrie"),
        ],
        "listed": [],
        "prose": [
            "Celltera will lend its old workshop",
            "The College will run two courses a year",
            "the two partners promise to review the courses every spring",
        ],
    },
    "COUNTERPART": {
        "kind": "other",
        "lifecycle": "active",
        "signed_on": "XXXX-05-04",
        "signers": [("Llanbryn Town Council", None), ("Commune of Port-Mer", None)],
        "quotes": [
            ("We still send each other Christmas cards.", "Eleri Bevan"),
            ("Our languages are cousins,", "Yann Le Gall"),
            ("I would rather have mended the roof,", "Gary Pelham"),
        ],
        "listed": [],
        "prose": [],
    },
    "NUMBERED": {
        "kind": "mou",
        "lifecycle": "active",
        "signed_on": "2023-08-22",
        "signers": [
            ("Ministry of Fisheries and the Blue Economy of Marenda", None),
            ("Ministry of Fisheries of Lankara", None),
        ],
        "quotes": [
            ("The ocean between us is a shared garden.", "Jean-Paul Hoarau"),
            ("Young people will sail it,", "Faris Odeh"),
        ],
        "listed": [],
        "prose": [],
    },
}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_article_is_drafted_as_a_reader_reads_it(name: str) -> None:
    seen = drafted(getattr(articles, name))
    assert {
        "kind": seen.agreement["kind"],
        "lifecycle": seen.agreement["lifecycle"],
        "signed_on": seen.agreement.get("signed_on"),
        "signers": seen.signers,
        "quotes": seen.quotes,
        "listed": seen.listed,
        "prose": seen.prose,
    } == EXPECTED[name]
