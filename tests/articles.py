"""Articles invented for the tests: no place, person or body in them exists, and each carries its hazards."""

from __future__ import annotations

UNI_BETWEEN = """\
Tasman Polytechnic and Harbour Health Trust launch nursing pathway

Tuesday 3 March 2015

A new partnership between Tasman Polytechnic and the Harbour Health Trust will give nursing students placements in rural clinics.

The memorandum of understanding was signed on Monday by Tasman chief executive Rowena Pike and trust chair Hemi Walker.

“Rural clinics are short of hands and our students are short of places,” Ms Pike said. “This agreement answers both.”

Mr Walker says the trust is looking forward to hosting students.

“They ask questions we have stopped asking.”

Under the agreement, the trust will host up to 40 students a year and the polytechnic will fund a clinical supervisor.

For more information contact Jo Reed, 04 555 1234.
"""

POLICE = """\
Police and Northland Iwi sign agreement

New Zealand Police and Te Hau Iwi today signed a memorandum of understanding on youth justice at Pūrehu Marae.

Superintendent Grace Moana says the agreement formalises years of work.

"We've learned that early help works, and it's cheaper than court," she says.

"This isn't a licence to look away. It's a promise to look earlier."

Iwi chair Tama Rewi agreed. "Our young people's names should be known for the right reasons," he said.

The agreement covers information sharing, joint training of officers and whānau workers, and a review every two years.
"""

SING_MINISTRY = """\
SINGAPORE AND NORVANIA SIGN MEMORANDUM OF UNDERSTANDING ON WATER TECHNOLOGY

12 May 2019

1. The Ministry of Water Affairs (MWA) of Singapore and the Ministry of Environment and Climate of Norvania today signed a Memorandum of Understanding (MOU) on water technology.

2. The MOU was signed by Minister for Water Affairs Mr Lim Boon Seng and Norvania’s Minister of Environment and Climate Ms Ingrid Falk, on the sidelines of the World Water Forum in Oslo.

3. Under the MOU, both countries will exchange experts and jointly fund three pilot plants. The two sides will also hold an annual dialogue.

4. Minister Lim said, “Water knows no borders. We are glad to have Norvania as a partner.”

5. Ms Falk added, “Singapore shows what a small country can do with every drop.”

MINISTRY OF WATER AFFAIRS
12 MAY 2019
"""

CITY_SISTER = """\
Mayor announces sister city ties with Osorio

CLEARWATER, June 4, 2018 – The City of Clearwater and the Municipality of Osorio, Chile, have signed a sister city agreement, Mayor Dana Whitlock announced yesterday.

"It's a small step with a long shadow," Whitlock told reporters at the town hall.

The agreement calls for: (1) a yearly exchange of ten high school students; (2) joint bids for trade fairs; and (3) a shared library collection.

Osorio Mayor Emilio Vargas, who attended by video link, called the deal “a bridge between two working towns.”

The city expects the following benefits: (1) more visitors; (2) new export orders.
"""

KO_NEWS = """\
해온시, 한빛대와 청년창업 업무협약
[서울=새벽일보] 김도윤 기자
해온시(시장 반지운)는 지난 5일 시청 대회의실에서 한빛대학교(총장 오세린)와 청년창업 활성화를 위한 업무협약을 체결했다고 6일 밝혔다.

▲ 반지운 해온시장(왼쪽)과 오세린 한빛대 총장이 협약 체결 후 기념촬영을 하고 있다. 사진=해온시

이번 협약에 따라 두 기관은 ▲창업 보육공간 공동 운영 ▲예비창업자 교육과정 개발 ▲지역기업 연계 현장실습 지원 등을 추진하기로 했다.

반지운 시장은 “청년이 떠나지 않는 도시를 만들겠다”며 “첫 입주기업을 올해 안에 받겠다”고 말했다.

오 총장은 “대학의 문을 지역에 열겠다”고 화답했다.

관련기사
- 해온시, "버스요금 동결"... 시민 반응은
- 한빛대 수시 경쟁률 7대 1

협약식에는 ▲강도현 시의원 ▲유나래 창업지원센터장 등이 참석했다.
저작권자 ⓒ 새벽일보 무단전재 및 재배포 금지
"""

KO_PRESS = """\
보도자료
배포일: 2023. 4. 11.
가람군·농협은행 가람군지부, 고향사랑기부 업무협약
□ 가람군은 11일 군청 소회의실에서 농협은행 가람군지부와 고향사랑기부제 활성화를 위한 업무협약을 맺었다.
□ 협약의 주요 내용은 다음과 같다.
 ① 기부자 전용 창구 운영
 ② 답례품 홍보 지원
 ③ 농산물 판로 확대
□ 기대효과
 ① 기부금 증가
 ② 지역경제 활성화
□ 조민재 군수는 "고향을 돕는 길이 가까워졌다"라며 "창구를 다음 달부터 열겠다"라고 밝혔다.
□ 농협 관계자는 "직원 모두가 홍보대사가 되겠다"고 말했다.
문의: 기획예산실 홍길동(061-555-1234)
"""

TRANSLATED = """\
Garam County and Nara Bank to Support Small Shops

Garam County (Mayor Jo Min-jae) announced on the 9th that it signed a business agreement with Nara Bank (President Yoo Hye-rin) to support small shop owners.

Through this agreement, Garam County will contribute 500 million won to a guarantee fund, and Nara Bank will lend up to 6 billion won at low interest.

Mayor Jo Min-jae stated, "Small shops are the first lights on our streets," and added, "We will keep them on."

President Yoo said, "A bank grows only where shops grow."

▶ Read more: Garam County festival opens
"""

BRITISH = """\
Millbrook Council and Denham College agree skills deal

Millbrook Council has signed a partnership agreement with Denham College.

‘We can’t keep asking employers to wait,’ said Councillor Priya Anand, the council’s cabinet member for skills. ‘The students’ training starts in May.’

Principal Owen Hartley added: ‘It’s a “once in a decade” chance.’

The so-called ‘green corridor’ is not part of the deal.
"""

UNCLOSED = """\
Lakeside University partners with Pinecrest Hospital

Lakeside University and Pinecrest Hospital have signed an agreement on nurse training.

“The wards are ready for our students, said Professor Lena Ortiz, dean of nursing.

“We start with sixty places.

“By next year there will be a hundred," she said.
"""

ROLE_ONLY = """\
Port Authority and Delta Shipping sign accord

The Bayview Port Authority and Delta Shipping Company signed an accord on shore power on 7 April 2022.

"Ships will switch off their engines at berth," the authority's spokesperson said.

"It is overdue," said a resident.

Delta Shipping Company said "the first vessel will plug in next spring".
"""

PENDING = """\
Nordhaven to sign climate pact with Solvik

The City of Nordhaven and the City of Solvik will sign a climate pact next Friday, officials said.

The two cities will cut bus emissions by half and share one data platform.
"""

PT = """\
Prefeitura de Lagoa Azul e Universidade do Vale assinam termo de cooperação

A Prefeitura de Lagoa Azul e a Universidade do Vale assinaram na segunda-feira (14) um termo de cooperação técnica.

“A parceria leva a universidade para dentro dos bairros”, afirmou a prefeita Marina Queiroz.

O termo prevê:
- cursos gratuitos de informática;
- estágio para 50 estudantes;
- apoio às escolas rurais.

“Vamos começar em março”, disse o reitor Paulo Brandão.
"""

KO_ALONE = """\
누리구-푸른재단, 아동돌봄 업무협약 체결
누리구(구청장 한서진)와 푸른재단(이사장 문가온)은 20일 누리구청에서 아동돌봄 업무협약을 체결했다.
두 기관은 방과 후 돌봄교실을 함께 운영하고 돌봄교사 30명을 양성하기로 했다.
한서진 구청장은 "돌봄은 마을이 함께 할 일"이라고 강조했다.
이어 "내년까지 돌봄교실을 20곳으로 늘리겠다"고 덧붙였다.
“아이들이 웃는 동네를 만들겠습니다.” 문가온 이사장의 말이다.
한편 누리구는 지난해 ▲보육대상 수상 ▲아동친화도시 인증 등의 성과를 거뒀다.
"""

BULLETS = """\
Ministry of Transport and Velora Rail sign cooperation agreement

The Ministry of Transport and Velora Rail signed a cooperation agreement in Kestrel on 2 October 2021.

Under the agreement, the parties will:

• open a night train between Kestrel and Dunmore by 2023;
• train 200 drivers;
• publish punctuality figures every month.

Achievements of the ministry so far:

• 12 stations rebuilt
• 40 bridges repaired

“Night trains are back,” said Transport Minister Alba Reyes.

About Velora Rail
Velora Rail operates 90 trains.
"""

INVERTED = """\
Rivermouth Council signs deal with Ngāti Roto

RIVERMOUTH District Council has entered into a relationship agreement with Ngāti Roto.

Speaking after Mayor Alan Beech, rūnanga chair Mere Paki said: "We waited forty years for this day."

Asked about funding, Beech replied, “It is in the plan.”

According to council chief executive Tom Ruru, "the first hui is in June".
"""

THREE_WAY = """\
Tri-party agreement to boost island ferries

Ferry operator Sealink North, the Island Transport Authority and Marlow District Council have entered into a three-year agreement to improve ferry services to the outer islands.

Sealink North chief executive Joanna Brill says the deal gives islanders certainty.

"People plan their lives around a timetable," Ms Brill says. "They deserve one that holds."

Marlow District mayor Peter Ashdown says the council will contribute $2 million over three years.

"It's money well spent," he says.

Island Transport Authority chair Sione Vaka was at the signing.

"My grandmother rowed," Mr Vaka said. "My grandchildren won't have to."
"""

WELCOME_FIRST = """\
Alpine Institute of Technology signs articulation agreement with Xinhe Vocational College

The Alpine Institute of Technology (AIT) has welcomed a delegation from Xinhe Vocational College of Yunnan, China, to sign an articulation agreement in tourism.

The agreement was signed by AIT Chief Executive Dr Martin Holloway and the President of Xinhe Vocational College, Professor Liu Wenbo.

Dr Holloway said the agreement was a milestone.

“It shows that vocational education travels well,” he said.

Professor Liu said he was impressed by the students he met.

“They work with their hands and think with their heads. That is what we want for our students too.”

Under the agreement, Xinhe students will complete two years in Yunnan before transferring to AIT for their final year.

AIT will also provide English language support.

AIT already has agreements with Lotus College and Banyan University.
"""

MINISTERS = """\
Minister signs cooperation arrangement with Estmark

Trade Minister Hon. Karen Oduya today signed a cooperation arrangement on digital trade with her Estmark counterpart, Minister Lars Holm.

"Paper is slow, and slow is expensive," Ms Oduya said.

The arrangement commits the two countries to recognise each other's electronic invoices, to open their procurement portals and to report progress each year.

"It was the easiest negotiation of my career," Mr Holm said, laughing.

Opposition spokesperson Hine Paewai questioned the timing. "Where is the consultation?" she asked.
"""

UNI_NAMED_LATE = """\
New MoU a boost for marine science

A memorandum of understanding signed this week will see Coral Coast University and the National Fisheries Agency work more closely on reef monitoring.

Vice-Chancellor Professor Amelia Teo said the partnership builds on a decade of shared field work.

“The reef does not care which logo is on the boat.”

NFA Director-General Josefa Bola said: “Good data is the beginning of good management. Without it we are guessing.”

The MoU provides for joint surveys, shared vessels and student placements.
"""

SPLIT_SPEAKERS = """\
Harbour City, Tidewater College sign workforce pact

HARBOUR CITY, Ohio — Mayor Lou Garner and Tidewater College President Dr. Nia Brooks signed a workforce pact Thursday at City Hall.

“We have jobs without people,” Garner said, “and people without jobs.”

“This pact,” Brooks replied, “is how you fix that.”

Police Chief Ana Ruiz, Fire Chief Bob Stone and a dozen students attended.

Asked whether the money was there, Garner smiled. “It's in the budget,” he said. “Page nine.”
"""

ASEAN = """\
Signing of Memorandum of Understanding between the Civil Defence Force and Kyros Fire Academy

The Civil Defence Force (CDF) and the Kyros Fire Academy signed a Memorandum of Understanding (MOU) on 3 July 2017 to deepen cooperation in emergency response.

2 The MOU was signed by CDF Commissioner Tan Wei Ming and Kyros Fire Academy Rector Colonel Petros Lanis. It was witnessed by Senior Minister of State Mr Faisal Rahman.

3 The key areas of cooperation under the MOU are:

a) exchange of instructors;
b) joint exercises on urban search and rescue; and
c) research on tunnel fires.

4 Commissioner Tan said, "Fires speak every language. Firefighters must too."

5 Colonel Lanis said the academy was "honoured to learn from one of the best".
"""

KO_INVEST = """\
가온도, 다솜전자와 500억 원 투자협약… 일자리 120개
가온도와 미르시는 3일 도청 대회의실에서 ㈜다솜전자와 투자협약을 체결했다고 밝혔다.
이날 협약식에는 윤태오 가온도지사, 신하람 미르시장, 백두현 다솜전자 대표이사가 참석했다.
협약에 따르면 다솜전자는 2026년까지 미르산단 3만㎡ 부지에 500억 원을 투자해 배터리 부품공장을 짓고 120명을 새로 고용한다.
도와 시는 인허가와 기반시설을 지원하기로 했다.
윤 지사는 “기업이 오는 길을 닦겠다”고 말했다.
백두현 대표이사는 “지역 인재를 먼저 뽑겠다”며 “약속은 숫자로 보여드리겠다”고 강조했다.
신하람 시장은 “미르의 내일을 여는 공장이 되길 기대한다”고 덧붙였다.
"""

KO_UNIV3 = """\
새솔대·한별병원·온누리재단, 지역의료 인력 양성 맞손
새솔대학교는 한별병원, 온누리재단과 지역의료 인력 양성을 위한 3자 업무협약(MOU)을 체결했다고 27일 밝혔다.
세 기관은 △간호학과 현장실습 확대 △장학금 조성 △공동 연구 △취업 연계 등을 함께 추진한다.
고은채 새솔대 총장은 “대학과 병원이 한 교실이 되는 출발점”이라며 “학생들이 지역에 남도록 돕겠다”고 밝혔다.
한별병원 주시온 병원장은 “실습은 병동에서 시작된다”고 말했다.
온누리재단 관계자는 “장학금은 3년간 지원할 계획”이라고 설명했다.
"""

KO_INDIRECT = """\
물빛구, 전통시장 상인회와 상생 협약
물빛구(구청장 표지호)가 물빛시장상인회(회장 도예린)와 전통시장 활성화 협약을 맺었다.
표지호 구청장은 이날 "시장이 살아야 골목이 산다"면서 "주차장 80면을 새로 만들겠다"고 약속했다.
도예린 회장도 "가격표시제를 모든 점포가 지키겠다"고 화답했다.
'물빛 야시장' 사업은 9월에 시작된다.
구는 이번 협약으로 매출이 오를 것으로 기대하고 있다.
"""

PT2 = """\
Câmara de Vila Nova e Instituto do Mar firmam protocolo

A Câmara Municipal de Vila Nova e o Instituto do Mar firmaram, no dia 12 de maio de 2021, um protocolo de cooperação.

Segundo o presidente da Câmara, Rui Tavares, «o mar é a nossa maior estrada».

O protocolo prevê: 1) um laboratório no porto; 2) visitas de escolas; 3) dados abertos.

"É um passo pequeno, mas certo", disse a diretora do instituto, Inês Faria.
"""

FIRSTNAME = """\
Kauri Trust and Motu Museum sign taonga agreement

The Kauri Trust and Motu Museum signed an agreement on Saturday to care for 300 taonga.

Trust chairwoman Ngaire Poutama wept as she spoke.

"They are home," Poutama said.

Museum director Henry Lowe said the museum would hold the taonga in a dedicated store and would publish an annual report.

"We're guests in this story," says Lowe. "The trust's elders are the authors."

"Kia ora," replied Ngaire.
"""

HEADLINE_QUOTE = """\
“A bridge, not a wall”: Norwick and Elmhurst sign transit deal
“We start in June,” says Mayor Olive Trent

Norwick Borough and Elmhurst Borough signed a transit deal on 1 March 2020.

The boroughs agreed to run one bus line, to sell one ticket and to publish one timetable.
"""

NOISE_MID = """\
Ridgeway University and Cobalt Energy sign research agreement

By Erin Vale, Staff Writer | Published 5 May 2022

Ridgeway University and Cobalt Energy have signed a research agreement.

Share this article
Facebook Twitter LinkedIn
ADVERTISEMENT

“Batteries are chemistry with a deadline,” said Professor Ivo Marsh, who leads the university’s energy centre.

RELATED STORIES
“I lost everything,” says gambler
Cobalt Energy fined over spill

We use cookies to improve your experience on our website. Accept all.

Under the agreement, Cobalt Energy will fund five doctoral students.

Photo: Professor Marsh with students. (Photo by Kim Doe)

Subscribe to our newsletter
© 2022 Ridgeway Post. All rights reserved.
"""

RIVER_THREE = """\
Council, water firm and trust agree plan for the Sorrel Beck

By Dana Firth  14 March 2023, 9:20 am

Ashdown Borough Council, Marrow Water and Ashdown Wildlife Trust signed a partnership agreement at the Guildhall on Tuesday.

Marrow Water will spend £1.9 million on new storm tanks, while the trust will plant 4,000 trees along the beck.

The council has promised not to mow the banks before August. A steering group will meet every quarter.

A copy of the agreement will be published on all three websites, a spokesperson said.

Lewis Petrie, of the Friends of Sorrel Beck, welcomed the news. "Five years is short for a river," said Mr. Petrie.

Cllr Ines Hale (Ind), leader of the council, said: "We have waited for this."
"""

NATION = """\
Cedar Narrows and university count caribou together

Northern Lake Herald | June 23, 2023

CEDAR NARROWS, Ont., June 23, 2023 /NewsDesk/ -- Cedar Narrows First Nation and Loon Bay University signed a research agreement on Wednesday at the community hall.

The document commits the partners to an aerial count every second winter, a herd register in two languages, and the training of four young technicians.

All data collected on the territory will remain the property of the Nation.

Chief Amos Wabun thanked the elders. "They kept count when nobody else did," he said.

A student from the lake, who asked not to be named, had come too. "My grandmother would have laughed," she said.
"""

NICKNAME = """\
State university, town sign MOA for rice farmers

By Lia Moreno  September 13, 2023, 7:05 pm

The Norte State University (NSU) and the municipal government of Santa Rosa inked a memorandum of agreement (MOA) on September 12 with the help of Bantay Palay Foundation, Inc., a partner of old.

NSU President Dr. Carmen Villar and Mayor Ernesto "Nestor" Dimas signed the MOA at the gymnasium.

"A school that does not dirty its shoes cannot teach farming," Villar said.

Dimas, a farmer himself, recalled losing a harvest to stem borers.

"You never forget the smell," he said.

Undersecretary for Rural Affairs Atty. Paolo Umali, who came from the capital, said the town would be watched. "We will be back in a year," Mr. Umali told farmers.
"""

TO_BE_SIGNED = """\
Councils to share services in deal to be signed next week

Tuesday 12 March 2024

Leaders of Fenmoor Borough Council and North Marsh District Council will put their names to the memorandum at Fenmoor Town Hall on Tuesday.

'We are neighbours and we don't want to waste money.

'What it is, is common sense,' said Paul Jarvis, leader of Fenmoor Borough Council.
"""

KO_PRESENT = """\
그린루프·세움도시공사, 옥상 태양광 맞손
친환경 기업 그린루프(대표이사 김도연)가 세움도시공사(사장 하유진)와 옥상 태양광 보급을 위한 업무협약을 체결했다고 9일 밝혔다.
협약에 따라 그린루프는 설비의 설계와 시공을 맡고 세움도시공사는 옥상 공간을 무상으로 제공한다.
발전 수익의 30%는 입주민 관리비를 줄이는 데 쓰기로 합의했다.
공사는 기존에 아파트 3곳을 운영한다.
하유진 사장은 ‘지붕도 땅이라는 마음으로 준비한 뜻깊은 협약’이라며 ‘주민이 먼저 웃게 하겠다’고 말했다.
"""

KO_MAIN_POINTS = """\
가람시·한국건강기록원 업무협약
가람시(시장 민경택)와 한국건강기록원(옛 건강정보원, 원장 한정우)은 3일 가람시청에서 업무협약을 체결했다. 주요 내용은 ▲건강 데이터 공유 ▲전문 인력 양성 ▲시민 교육 등이다.
시는 이번 협약으로 ▲연간 의료비 3억 원 절감 ▲대기 시간 단축 효과가 있을 것으로 기대하고 있다.
민 시장은 "혼자 앓는 이웃이 없어야 한다"며 "현장에서 답을 찾겠다"고 강조했고, 한 원장은 "기록이 먼저 문을 두드리겠다"고 약속했다.
나혜진 교육장은 “학교에서도 돕겠다”고 밝혔다.
"""

KO_PARTNERS = """\
온빛경찰서, 병원 세 곳과 의료지원 협약
온빛경찰서(서장: 오세민)는 30일 가온병원, 다솜병원, 나래병원과 온빛구 자율방범대원의 의료지원을 내용으로 하는 업무협약(MOU)을 체결했다.
세 병원은 △방범대원 진료비 10% 감면 △연 1회 건강검진을 골자로 한 협약서에 서명했다.
가온병원은 대원에게 전담 간호사를 배정해 줄 예정이다.
정해원 가온병원장은 “골목을 지키는 분들을 우리가 지키겠다”고 말했다.
"""

SIGNED_QUOTES = """\
Celltera and Gipps College to train battery technicians

MARLOW, 3 October 2024 – Battery recycler Celltera Limited (ASX: CLT) and Gipps College today announced they have signed a memorandum of understanding on skills.

Celltera will lend its old workshop. The College will run two courses a year.

In it, the two partners promise to review the courses every spring.

"Cells do not retire, they change jobs. So should we."
- Karen Whitlock, Chief Executive, Celltera Limited

"Our students asked for this."
- Dr Simon Petrie, Principal, Gipps College
"""

COUNTERPART = """\
Llanbryn and Breton town renew twinning vows

Mayors Eleri Bevan and Yann Le Gall at the Guildhall. (Photo: Sian Rees)

MORE than 80 visitors from Brittany were in Llanbryn at the weekend as the town renewed its twinning charter.

The charter was signed in the Guildhall on Saturday (May 4) by Llanbryn Town Council and the Commune of Port-Mer.

Mayor of Llanbryn Cllr Eleri Bevan said: ‘We still send each other Christmas cards.’

Her counterpart, Yann Le Gall, addressed guests in Breton.

‘Our languages are cousins,’ he said.

Member Gary Pelham cast the lone vote against the trip.

‘I would rather have mended the roof,’ Pelham said.
"""

NUMBERED = """\
Two ministries sign on fisheries

Victoria, 22 August 2023

1. The Ministry of Fisheries and the Blue Economy of Marenda and the Ministry of Fisheries of Lankara today signed a Memorandum of Understanding.

2. The Memorandum was signed by Minister Jean-Paul Hoarau and by Minister Nimal Weeras.

3. In his remarks, Minister Hoarau said, “The ocean between us is a shared garden.”

4. Minister of Youth Faris Odeh welcomed it. “Young people will sail it,” he said.
"""
