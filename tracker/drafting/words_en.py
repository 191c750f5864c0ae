"""English and Portuguese words that show what a name is, who speaks, and what is promised."""

from __future__ import annotations

from tracker.drafting.wordlists import wordlist

SAYING = (
    "said|says|say|saying|added|adds|adding|noted|notes|noting|explained|explains|explaining|stressed|stresses|stressing|"
    "emphasized|emphasizes|emphasised|emphasises|emphasizing|emphasising|commented|comments|commenting|remarked|remarks|stated|states|stating|"
    "told|tells|announced|announces|declared|declares|observed|observes|concluded|concludes|continued|continues|replied|replies|responded|"
    "recalled|recalls|wrote|writes|asserted|affirmed|affirms|urged|urges|urging|pledged|pledges|promised|promises|argued|argues|acknowledged|acknowledges|"
    "admitted|insisted|insists|reiterated|reiterates|highlighted|highlights|highlighting|underlined|underlines|underscored|underscores|"
    "recounted|recounts|murmured|confided|mused|cautioned|cautions|conceded|concedes|retorted|countered|sighed|"
    "pointed out|points out|pointing out|quipped|joked|shared|shares|enthused|reflected|reflects|confirmed|confirms|"
    "believes|claimed|claims|asked|asks|expressed|called|described|warned|warns|predicted|vowed|vows|mentioned|mentions|elaborated|went on|remarking|concluding|telling|"
    "disse|diz|afirmou|afirma|explicou|explica|destacou|destaca|ressaltou|ressalta|comentou|comenta|declarou|declara|acrescentou|acrescenta|contou|conta|"
    "concluiu|conclui|enfatizou|enfatiza|salientou|salienta|completou|completa|avaliou|avalia|pontuou|pontua|garantiu|garante|frisou|frisa|lembrou|lembra|"
    "reforçou|reforça|observou|observa|sublinhou|sublinha|referiu|refere|dijo|afirmó|señaló|explicó|declaró|agregó|destacó|expresó|manifestó|subrayó|a déclaré|a souligné"
)

SAYING_PLAINLY = "|".join(
    word
    for word in SAYING.split("|")
    if word
    not in [
        "shared",
        "shares",
        "asks",
        "asked",
        "called",
        "described",
        "believes",
        "expressed",
        "claimed",
        "claims",
        "announced",
        "declares",
        "declared",
        "highlights",
        "highlighted",
        "reflects",
        "reflected",
        "states",
        "conta",
        "para",
        "refere",
    ]
)
"""Those that have a person before them almost always."""

HONORIFICS = wordlist(
    """
    Mr Mrs Ms Miss Mx Dr Prof Professor Sir Dame Hon Honourable Honorable Rt Right Lord Lady Dato Dato’
    Dato' Datuk Datin Sri Tun Haji Tuan Associate Emeritus Emerita Distinguished Rev Reverend Fr Sister
    Capt Captain Col Colonel Gen Lt Lieutenant Brigadier Sgt Sergeant Constable Cr Councillor Engr Ir
    Atty Sr Sra Dona Senhor Senhora HE H.E Excellency His Her Their Ambassador Emb Shri Smt Pak Ibu
    Ustaz Encik Puan Madam Mdm Cllr Clr Cllrs Councilor Maj Gov Sen Hjh Senator Rep Representative
    Congressman Congresswoman Archbishop Bishop Chief Ratu Tui
    """
)
ROLES = wordlist(
    """
    Mayor Director President Chairman Chairwoman Chairperson Chair Governor Minister Secretary
    Commissioner Chancellor Vice-Chancellor Vice-President Vice-Minister Vice-Mayor Pro-Vice-Chancellor
    Pro Provost Rector Dean Principal Head CEO CFO COO CTO CIO Chief Executive Officer Manager
    Superintendent Inspector Sheriff Marshal Administrator Premier Prime Deputy Assistant Acting Interim
    Senior Vice Under Managing General Founder Co-founder Co-Founder Partner Coordinator Curator
    Registrar Ambassador Consul Spokesperson Spokesman Spokeswoman Speaker Judge Attorney Treasurer
    Trustee Leader Lead Reporter Editor Correspondent Author Researcher Lecturer Fellow Captain
    Commander Detective Sergeant Supervisor Warden Magistrate Commandant Comptroller Auditor Ombudsman
    Director-General Secretary-General Governor-General Bürgermeister Director-general Prefeito Prefeita
    Presidente Secretário Secretária Ministro Ministra Governador Governadora Reitor Reitora Diretor
    Diretora Coordenador Coordenadora Embaixador Embaixadora Vereador Vereadora Deputado Deputada
    Alcalde Alcaldesa Maire Convener Chairholder Chieftain King Queen Prince Princess Sultan Emir
    Representative Undersecretary Under-Secretary Permanent-Secretary Vice-Rector Vice-Principal
    Vice-Chair Advisor Adviser Vice-Chairman Commissioner-General Mayor-elect Solicitor Archdeacon
    Headteacher Headmaster Headmistress Member Convenor Cathaoirleach Taoiseach
    """
)
LOW_ROLES = (
    "mayor|director|president|chairman|chairwoman|chairperson|chair|governor|minister|secretary|commissioner|chancellor|vice-chancellor|vice-president|provost|rector|dean|principal|head|"
    "ceo|chief|officer|executive|manager|superintendent|inspector|sheriff|administrator|premier|coordinator|ambassador|consul|spokesperson|spokesman|spokeswoman|judge|leader|founder|co-founder|"
    "professor|lecturer|researcher|scientist|engineer|curator|registrar|treasurer|member|adviser|advisor|lead|partner|captain|commander|editor|prefeito|prefeita|presidente|secretário|secretária|"
    "ministro|ministra|governador|governadora|reitor|reitora|diretor|diretora|coordenador|coordenadora|embaixador|embaixadora|representative|student|fellow|specialist|analyst|teacher|nurse|doctor|farmer|resident|owner|convenor|convener|co-convenor|co-chair|tumuaki|kaiwhakahaere|rangatira|kaumātua"
)

ORGANISATION_HEADS = wordlist(
    """
    University Universiti Universitas Universidade Universidad Université Universität Polytechnic Institute
    Instituto Institut Agency Agência Ministry Ministério Department Departamento Council City Province
    County Prefecture Government Governo Association Associação Foundation Fundação Corporation Corp
    Company Center Centre Centro Bank Banco Hospital Museum Museu College School Escola Authority Board
    Commission Service Services Police Organization Organisation Group Grupo Trust Society Sociedade Union
    União Federation Federação Chamber Câmara Office Bureau Administration Committee Comitê Network Rede
    Alliance Aliança Ltd Limited Inc Co Pty GmbH AG SA S.A LLC LLP Plc Fund Fundo Academy Academia
    Laboratory Laboratories Observatory District Municipality Município Town State Estado Club Secretariat
    Secretaria Prefeitura Consortium Consórcio Cooperative Cooperativa Exchange Airport Airlines Airways
    Railway Railways Port Zoo Library Archives Archive Theatre Orchestra Church Diocese Parliament Senate
    Congress Assembly Court Tribunal Army Navy Force Forces Guard Borough Village Region Emirate Holdings
    Technologies Systems Motors Electronics Electric Energy Industries Pharmaceuticals Telecom Insurance
    Publishing Press Media Studios Partners Associates Enterprise Enterprises Industry Initiative
    Programme-Office Kommune Stiftung Verein Iwi Rūnanga Runanga Development-Board Clinic Clinics Registry
    Ngāti Ngati Ngāi Ngai Wānanga Wananga Kāhui Programme Program
    Conservatory Cooperation-Agency Nation Tribe Band Homes Commune Branch Headquarters Embassy Embaixada Unit
    """
)
BODIES = wordlist(
    """
    government council administration authority ministry department agency board county district city town
    state municipality university college school polytechnic institute academy hospital museum library trust
    foundation charity association society federation union club company firm group bank utility insurer
    airline retailer supplier manufacturer maker provider developer operator consultancy startup start-up
    giant nonprofit cooperative co-operative team force police port airport body organisation organization
    iwi rūnanga runanga station broadcaster newspaper magazine theatre orchestra choir shipyard brewery clinic
    church farm hotel
    """
)
"""What organisations are called in small letters: `the council will …`, `housing association Haeon Homes`."""

LOCAL = wordlist(
    """
    City Province County Prefecture District Municipality Town Borough Village Prefeitura Município Council
    Region Emirate Commune
    """
)
NOT_NAMES = wordlist(
    """
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July
    August September October November December Jan Feb Apr Jun Jul Aug Sep Sept Oct Nov Dec The This That
    These Those It Its He She They We I You His Her Their Our In On At By For From With Under As And But Or
    If When While After Before During Since Although However Also Both Two Three Four Five Through To Of A
    An Not No Yes There Here What Where Who Why How Which Today Yesterday Tomorrow Memorandum Understanding
    MOU MoU MoUs MOUs MOA MoA Agreement Agreements Accord Pact Protocol Treaty Declaration Contract Letter
    Intent Speaking Commenting Welcoming Building According Meanwhile Additionally Furthermore Moreover
    Together Following Once Now Then Each All Any Such Photo Photos Image Press Release Signing Ceremony
    Covid COVID COVID-19 Considering Because Ends O Os Em Na Do Da Dos Das E Ou Para Com Por Sobre Segundo
    Durante Após Acordo Termo Convênio Cooperação Técnica Protocolo Memorando Entendimento Um Uma Este Esta
    Esse Essa Ao À Foto Não Mas Se Como
    """
)

JOINT = (
    r"(?:the\s)?(?:two|three|four|both)\s(?!years?|months?|weeks?|days?|hours?|students?|million|percent|hundred)[A-Za-z]+s(?=\s(?:will|shall|have|agreed|pledged|committed|also|intend|plan))|(?:the\s)?(?:two|three|four|five|six|both|all|participating|signing|partner)\s(?:of\sthe\s)?(?:\w+\s)?(?:sides|parties|institutions|organi[sz]ations|cities|countries|agencies|universities|bodies|partners|companies|"
    r"governments|ministries|groups|entities|local governments|departments|provinces|councils|authorities|schools|hospitals|firms|nations|states|museums|forces|services|municipalities|towns|colleges)|"
    r"the\s(?:parties|partners|pair|partnership|sides|signatories|cooperation|collaboration|institutions|organi[sz]ations|universities|cities|two)|they|the\s[a-z]{4,}s(?=\s(?:have\s|also\s|further\s)?(?:agreed|pledged|committed|undertook))|both|each\s(?:party|side|institution|partner|city)"
)
COUNTRIES = (
    "Afghanistan|Argentina|Australia|Austria|Bangladesh|Belgium|Brazil|Brunei|Cambodia|Cameroon|Canada|Chile|China|Colombia|Croatia|Cuba|Czech Republic|Denmark|Ecuador|Egypt|Estonia|Ethiopia|Fiji|Finland|France|Germany|Ghana|Greece|Hong Kong|Hungary|"
    "Iceland|India|Indonesia|Iran|Iraq|Ireland|Israel|Italy|Japan|Jordan|Kazakhstan|Kenya|Kiribati|Korea|South Korea|Kuwait|Laos|Latvia|Lithuania|Malaysia|Mexico|Mongolia|Morocco|Mozambique|Malawi|Mauritius|Maldives|Madagascar|Botswana|Namibia|Angola|Seychelles|Sierra Leone|Liberia|Gambia|Gabon|Burkina Faso|Algeria|Bhutan|Bahrain|Lebanon|Armenia|Azerbaijan|Kyrgyzstan|Tajikistan|Turkmenistan|Bulgaria|Luxembourg|Malta|Cyprus|Moldova|Albania|Montenegro|Bolivia|Paraguay|Venezuela|Guyana|Costa Rica|Nicaragua|Honduras|El Salvador|Guatemala|Jamaica|Barbados|Dominican Republic|England|Scotland|Wales|Northern Ireland|New Caledonia|French Polynesia|Cook Islands|Niue|Tokelau|Nauru|Palau|Micronesia|Marshall Islands|American Samoa|Guam|Myanmar|Nepal|Netherlands|New Zealand|Nigeria|Norway|Oman|"
    "Pakistan|Panama|Papua New Guinea|Peru|Philippines|Poland|Portugal|Qatar|Romania|Russia|Rwanda|Samoa|Saudi Arabia|Senegal|Serbia|Singapore|Slovakia|Slovenia|Solomon Islands|South Africa|Spain|Sri Lanka|Sweden|Switzerland|Taiwan|Tanzania|Thailand|"
    "Timor-Leste|Tonga|Tunisia|Turkey|Türkiye|Tuvalu|Uganda|Ukraine|United Arab Emirates|UAE|United Kingdom|UK|United States|USA|US|Uruguay|Uzbekistan|Vanuatu|Vietnam|Viet Nam|Zambia|Zimbabwe"
)
"""Names of countries, which say where an organisation is when they stand behind it."""

KEPT_WHOLE = wordlist(
    """
    Research Technology Innovation Education Culture Sport Sports Science Sciences Development Training
    Health Environment Industry Trade Tourism Heritage Design Engineering Medicine Agriculture Forestry
    Fisheries Welfare Labour Commerce Arts Humanities Planning Safety Security Justice Climate Employment
    Energy Communications Media Sustainability Skills Transport Infrastructure Housing Youth Families
    """
)
"""Fields that names of organisations join with `and`: Wageningen University and Research."""

AGREEMENT = r"\b(?:the|this|a|an|its|their|new|renewed|said)\s(?:(?!says?\b|said\b|the\b|that\b|of\b)[\w-]+\s){0,3}?(?:mous?|moa|memorandum(?:\sof\s(?:understanding|agreement|cooperation))?|agreement|accord|pact|deal|partnership|protocol|treaty|arrangement|compact|charter|contract|declaration|cooperation|collaboration|alliance|document|amendment|addendum|concordat|covenant|framework|text(?!\s(?:message|book|line))|letter of intent)|\b(?:cooperation|collaboration|co-operation)\sbetween\s(?:the\s)?[^,.]{3,60}?"
