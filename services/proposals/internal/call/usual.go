package call

// usualDeclarations are the ward's conditions for proposing groups.
var usualDeclarations = []Declaration{
	{"nonProfit", "営利を目的とせず、活動の実績がある団体です。"},
	{"bylaws", "会則・規約と会員名簿を備えています。"},
	{"accounts", "予算・決算を適正に行っています。"},
	{"noReligionPolitics", "宗教活動、政治活動、公職の候補者の支持・反対を目的としていません。"},
	{"noOrganizedCrime", "暴力団ではなく、暴力団の統制の下にもありません。"},
	{"capacity", "提案した事業を遂行する能力があります。"},
	{"disclosure", "会計と活動の内容を公開することができます。"},
}

// sampleCriteria is a usual list of criteria; the points are a sample, which the
// desk replaces by those of the guideline.
var sampleCriteria = []Criterion{
	{No: 1, Name: "公益性", Question: "区民福祉の増進・地域課題の解決に資するか", MaxPoints: 15},
	{No: 2, Name: "協働の必要性", Question: "区と協働する必要性・相乗効果があるか", MaxPoints: 20},
	{No: 3, Name: "役割分担", Question: "役割と責任の分担が明確で対等か", MaxPoints: 15},
	{No: 4, Name: "先駆性・独創性", Question: "斬新な発想・実施方法か", MaxPoints: 10},
	{No: 5, Name: "実現可能性", Question: "計画・体制・日程が具体的か", MaxPoints: 15},
	{No: 6, Name: "遂行能力", Question: "知識・経験・体制があるか", MaxPoints: 10},
	{No: 7, Name: "予算の妥当性", Question: "経費の見積りは適正か", MaxPoints: 10},
	{No: 8, Name: "継続性・発展性", Question: "成果が継続・波及するか", MaxPoints: 5},
}
