"""What a synthetic city talks about: its departments, those it signs with, and the sentences of agreements."""

from __future__ import annotations

from typing import NamedTuple


class Field(NamedTuple):
    """A field of policy: its department, how agreements in it are called, and what they promise."""

    slug: str
    department: str
    titles: tuple[str, ...]
    promises: tuple[str, ...]
    numbers: tuple[str, ...]
    """Promises with a number in them, and a place for it."""


FIELDS = (
    Field(
        "ai", "인공지능정책과",
        ("인공지능 산업 육성 업무협약", "데이터 경제 활성화를 위한 업무협약", "AI 전문인력 양성 업무협약"),
        ("인공지능 융합 집적단지 입주기업의 데이터 활용 지원", "마이데이터 안심구역 설치·운영 협력", "공공데이터 개방 및 민간 데이터 유통 활성화",
         "지역 중소기업의 인공지능 전환 상담 제공", "AI 반도체 실증 시험장 공동 구축"),
        ("데이터 바우처 {0}개사 지원", "인공지능 전문인력 연간 {0}명 양성"),
    ),
    Field(
        "invest", "투자유치과",
        ("이차전지 소재 생산시설 투자협약", "물류센터 건립 투자협약", "본사 이전 및 신규 고용 투자협약"),
        ("시는 인허가 절차를 신속히 처리하고 행정 지원을 한다", "회사는 지역 업체의 공사 참여 비율을 높이도록 노력한다", "회사는 지역 생산 자재를 우선 구매한다",
         "시는 진입도로와 용수·전력 기반시설을 지원한다"),
        ("회사는 {0}억 원을 투자하여 생산시설을 건립한다", "회사는 지역 주민 {0}명을 신규 고용한다"),
    ),
    Field(
        "culture", "문화예술과",
        ("시립미술관 공동기획전 업무협약", "지역 공연예술 활성화 업무협약", "생활문화 진흥 업무협약"),
        ("소장품 상호 대여와 공동 학술조사", "지역 예술인의 창작공간 무상 제공", "청소년 무료 관람의 날 운영", "시민 참여형 거리공연 정례화"),
        ("연간 {0}회 이상 찾아가는 공연 개최", "지역 예술인 {0}명 창작지원금 지급"),
    ),
    Field(
        "health", "보건정책과",
        ("감염병 공동대응 업무협약", "치매 안심도시 조성 업무협약", "공공의료 강화 업무협약"),
        ("감염병 환자 병상의 공동 활용", "치매 조기검진 체계 구축", "의료취약지 이동진료 운영", "응급환자 이송체계 공동 개선"),
        ("찾아가는 건강검진 연 {0}회 실시", "음압병상 {0}개 확보"),
    ),
    Field(
        "youth", "청년정책과",
        ("청년 일자리 창출 업무협약", "청년 주거안정 업무협약", "청년 창업 생태계 조성 업무협약"),
        ("청년 구직활동 상담창구 공동 운영", "창업 공간과 시제품 제작 장비 개방", "사회초년생 금융교육 제공", "청년 정책 제안대회 공동 개최"),
        ("청년 인턴 {0}명 채용", "청년 임대주택 {0}호 공급"),
    ),
    Field(
        "climate", "기후환경과",
        ("탄소중립 실천 업무협약", "자원순환 선도도시 업무협약", "수소경제 활성화 업무협약"),
        ("공공청사 재생에너지 전환 공동 추진", "일회용품 없는 축제 운영", "시민 햇빛발전소 부지 제공", "도시숲 조성과 사후관리 협력"),
        ("전기버스 {0}대 도입", "공공건물 옥상 태양광 {0}개소 설치"),
    ),
    Field(
        "edu", "교육지원과",
        ("지역인재 육성 업무협약", "평생학습도시 조성 업무협약", "대학 연계 진로교육 업무협약"),
        ("고교생 대학 실험실 체험과정 운영", "시민대학 강좌 학점 인정", "도서관 상호대차 서비스 연계", "방과후 돌봄 공간 제공"),
        ("지역인재 장학생 {0}명 선발", "평생학습 강좌 연 {0}개 개설"),
    ),
    Field(
        "transport", "교통정책과",
        ("광역교통 개선 업무협약", "자율주행 시범운행 업무협약", "교통약자 이동편의 업무협약"),
        ("환승할인 정산 기준 공동 마련", "자율주행 시범구간 지정과 안전관리", "어린이 보호구역 신호체계 정비", "심야 시간대 노선 공동 운영"),
        ("저상버스 {0}대 추가 도입", "공영주차장 {0}면 개방"),
    ),
    Field(
        "farm", "농업정책과",
        ("학교급식 지역농산물 공급 업무협약", "도농 상생 업무협약", "스마트농업 기술보급 업무협약"),
        ("지역농산물 직거래 장터 정례 운영", "친환경 급식 식재료 공급 확대", "귀농인 영농 실습농장 제공", "농산물 가격안정 기금 공동 조성"),
        ("스마트팜 {0}개소 보급", "로컬푸드 직매장 {0}곳 개설"),
    ),
    Field(
        "welfare", "복지정책과",
        ("고독사 예방 업무협약", "장애인 고용 확대 업무협약", "사회안전망 강화 업무협약"),
        ("위기가구 발굴 정보의 상호 통보", "장애인 직무체험 공간 제공", "취약계층 주거환경 개선 봉사", "이웃사랑 성금의 투명한 배분"),
        ("독거노인 {0}가구 안부확인 서비스", "장애인 {0}명 신규 채용"),
    ),
)  # fmt: skip
"""Ten fields of policy; each clause's words come from here."""

BODIES = (
    ("gaon-univ", "university", "가온대학교", "Gaon National University"),
    ("hanbit-univ", "university", "한빛대학교", "Hanbit University"),
    ("dure-college", "university", "두레전문대학", "Dure College"),
    ("data-agency", "public_agency", "한국데이터진흥원", "Korea Data Agency"),
    ("energy-corp", "public_agency", "한국햇빛에너지공사", "Korea Sunlight Energy Corporation"),
    ("housing-corp", "public_agency", "온누리주택공사", "Onnuri Housing Corporation"),
    ("job-centre", "public_agency", "고용지원센터", "Employment Centre"),
    ("gaon-technopark", "public_agency", "가온테크노파크", "Gaon Technopark"),
    ("gaon-design", "public_agency", "가온디자인센터", "Gaon Design Center"),
    ("gaon-medical", "public_agency", "가온의료원", "Gaon Medical Center"),
    ("rail-agency", "public_agency", "새길철도공단", "Saegil Rail Agency"),
    ("culture-fund", "public_agency", "가온문화재단", "Gaon Culture Foundation"),
    ("ministry-labour", "national_government", "고용정책부", "Ministry of Employment Policy"),
    ("ministry-env", "national_government", "기후에너지부", "Ministry of Climate and Energy"),
    ("education-office", "local_government", "가온시교육청", "Gaon Office of Education"),
    ("mirae-county", "local_government", "미래군", "Mirae County"),
    ("haemil-city", "local_government", "해밀시", "Haemil City"),
    ("lindau-city", "local_government", "린다우시", "City of Lindau"),
    ("sakura-city", "local_government", "사쿠라시", "City of Sakura"),
    ("dawon-cell", "company", "(주)다원셀", "Dawon Cell Co., Ltd."),
    ("maru-logis", "company", "마루로지스(주)", "Maru Logistics"),
    ("nuri-soft", "company", "누리소프트", "NURI Soft"),
    ("sol-motors", "company", "솔모터스", "Sol Motors"),
    ("bada-foods", "company", "바다식품 주식회사", "Bada Foods Inc."),
    ("narae-bank", "company", "나래은행", "Narae Bank"),
    ("chamber", "association", "가온상공회의소", "Gaon Chamber of Commerce"),
    ("farmers", "association", "가온농업인연합회", "Gaon Farmers' Union"),
    ("artists", "association", "한국예술인총연합회 가온지회", "Federation of Artists, Gaon"),
    ("volunteers", "association", "가온자원봉사센터", "Gaon Volunteer Center"),
    ("taxi-union", "association", "가온택시운송사업조합", "Gaon Taxi Association"),
)
"""Those the city signs with: id, class, Korean and English name."""

SURNAMES = "김이박최정강조윤장임한오서신권황안송류홍"
GIVEN = (
    "가람",
    "나래",
    "다온",
    "라온",
    "마루",
    "보람",
    "새론",
    "아름",
    "예솔",
    "이든",
    "지안",
    "하늘",
    "한결",
    "해든",
    "슬기",
)
ROLES = {
    "university": "총장",
    "public_agency": "원장",
    "national_government": "장관",
    "local_government": "시장",
    "company": "대표이사",
    "association": "회장",
}
NOTES = {
    "not_started": "예산 미확보로 차년도 추진 예정",
    "in_progress": "세부 실행계획을 수립하여 추진 중",
    "behind": "계획 대비 실적이 부진함\n- 원인: 참여기관 인력 부족\n- 대책: 분기별 점검회의 개최",
    "stalled": "사업 부지 문제로 일시 중단",
    "partially_met": "목표의 일부만 달성함",
    "met": "당초 목표를 달성하여 완료함",
    "met_ongoing": "목표 달성 후 매년 계속 추진",
    "not_met": "협약기간 안에 이행되지 못함",
    "waived": "상호 합의로 의무를 면제함",
    "superseded": "갱신 협약의 조항으로 대체됨",
    "dropped": "사업 타당성 부족으로 폐기",
    "no_evidence": "공개자료와 현장을 확인하였으나 근거를 찾지 못함",
}
