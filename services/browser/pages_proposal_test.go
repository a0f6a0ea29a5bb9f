package browser

import "testing"

// proposalPages are the pages over calls, proposals, reviews, meetings and the
// consultation desk.
var proposalPages = []page{
	{"/proposals/{adopted}", []string{"representative", "staff", "desk", "approver"}},
	{"/proposals/{adopted}/log", []string{"representative", "staff"}},
	{"/proposals/{adopted}/revisions", []string{"representative", "desk"}},
	{"/proposals/{adopted}/revisions/1", []string{"representative", "desk"}},
	{"/proposals/{adopted}/attachments", []string{"staff"}},
	{"/proposals/{draft}/attachments", []string{"representative"}},
	{"/proposals/{draft}/partners?q=見本", []string{"representative"}},
	{"/proposals/{adopted}/partners", []string{"desk"}},
	{"/proposals/{adopted}/progress", []string{"staff", "desk"}},
	{"/proposals/{adopted}/review", []string{""}},
	{"/proposals/{reviewed}/review", []string{"desk"}},
	{"/desk/proposals/new?q=見本", []string{"desk"}},
	{"/desk/proposals/unowned", []string{"desk"}},
	{"/desk/calls/new", []string{"desk"}},
	{"/calls/{id}", []string{"desk"}},
	{"/calls/{id}/edit", []string{"desk"}},
	{"/calls/{id}/survey", []string{"representative"}},
	{"/calls/{id}/reviews", []string{"desk", "staff"}},
	{"/phases/{phase}", []string{"desk", "approver"}},
	{"/statistics/proposals", []string{""}},
	{"/statistics/proposals?year=2002", []string{"desk"}},
	{"/statistics/proposals/texts", []string{"staff"}},
	{"/reviews", []string{"reviewer"}},
	{"/reviews/{review}", []string{"reviewer", "desk"}},
	{"/meetings", []string{"", "representative", "staff"}},
	{"/meetings/{meeting}", []string{"", "representative", "staff"}},
	{"/meetings/new?proposalId={adopted}", []string{"staff"}},
	{"/desk/consultations?state=&overdue=true", []string{"desk"}},
	{"/desk/consultations/{consultation}/convert?q=見本", []string{"desk"}},
	{"/desk/consultations/{consultation}/faq", []string{"desk"}},
	{"/desk/faqs", []string{"desk"}},
	{"/desk/faqs/{faq}", []string{"desk"}},
	{"/desk/replyTemplates", []string{"staff", "desk"}},
	{"/desk/replyTemplates/new", []string{"desk"}},
	{"/desk/replyTemplates/{template}", []string{"desk"}},
	{"/statistics/consultations", []string{"", "desk"}},
}

var proposalSamples = []sample{
	{"{adopted}", listed("representative", "/v1/proposals?state=ADOPTED&q=読み聞かせ")},
	{"{reviewed}", listed("desk", "/v1/proposals?state=UNDER_REVIEW")},
	{"{review}", listed("reviewer", "/v1/reviews")},
	{"{phase}", func(t *testing.T) string {
		return listed("desk", "/v1/reviewPhases?callId="+listed("", "/v1/calls?state=PUBLISHED&mode=ALL_YEAR")(t))(t)
	}},
	{"{meeting}", listed("", "/v1/meetings")},
	{"{faq}", listed("desk", "/v1/faqs")},
	{"{template}", listed("desk", "/v1/replyTemplates")},
}
