package acceptance

import "testing"

// chukan is ちよだボランティアセンター of the sample data, whose coordinator is
// "coordinator".
const chukan = "01900000-0000-7000-8000-0000000d1301"

// TestExchange brings an offer and a need together: written, checked by an
// intermediary, suggested, introduced, agreed and concluded by both sides.
func TestExchange(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		giver, taker := somebody("giver"), somebody("taker")
		from, to := c.organization(giver, "貸す会 "+giver), c.organization(taker, "借りる会 "+taker)
		publish := func(rep, organization, kind string) string {
			id := c.ok(rep, "CreateListing", obj{"listing": obj{
				"organizationId": organization, "kind": kind, "category": "PLACE", "title": "物語の部屋 " + rep, "description": "集まるための部屋です。",
				"activityFields": []int{3, 13}, "town": "物語町一丁目",
			}}).str("listing.id")
			c.refused("", "GetListing", "RESOURCE_NOT_FOUND", obj{"id": id})
			c.ok(rep, "SubmitListing", obj{"id": id})
			c.refused(rep, "PublishListing", "PERMISSION_DENIED", obj{"id": id})
			if state := c.ok("coordinator", "PublishListing", obj{"id": id}).str("listing.state"); state != "PUBLISHED" {
				t.Errorf("published: %s", state)
			}
			return id
		}
		offer, need := publish(giver, from, "OFFER"), publish(taker, to, "NEED")
		suggested := c.ok("", "SuggestListings", obj{"id": need}).list("suggestions")
		found := false
		for _, s := range suggested {
			found = found || s.str("listing.id") == offer && s.at("score") == float64(90) && s.str("reasons.0") == "分類が同じです（場所）。"
		}
		if !found {
			t.Errorf("suggested: %v", suggested)
		}
		made := c.ok(taker, "CreateIntroduction", obj{
			"listingId": offer, "organizationId": to, "matchingListingId": need, "message": "月に一度お借りしたいです。",
			"contact": obj{"name": "物語 担当", "email": "tanto@story.example.com"}, "contactConsent": true,
		})
		one := obj{"listingId": offer, "id": made.str("introduction.id")}
		c.refused("member2", "GetIntroduction", "RESOURCE_NOT_FOUND", one)
		c.ok(giver, "AcceptIntroduction", one)
		c.refused(giver, "GetIntroductionContacts", "REASON_REQUIRED", one)
		if got := c.with("kyodo-reason", "acceptance").ok(giver, "GetIntroductionContacts", one).str("partner.email"); got != "tanto@story.example.com" {
			t.Errorf("the contact is %q", got)
		}
		record := merge(obj{"result": "SUCCEEDED", "note": "使い始めました。"}, one)
		c.ok(giver, "RecordIntroductionOutcome", record)
		if state := c.ok(taker, "RecordIntroductionOutcome", record).str("introduction.state"); state != "CONCLUDED" {
			t.Errorf("after both records: %s", state)
		}
		for rep, id := range map[string]string{giver: offer, taker: need} {
			c.ok(rep, "CloseListing", obj{"id": id, "outcome": "MATCHED"})
		}
	})
}

// TestReferral hands a matter to an intermediary, which takes it on and reports.
func TestReferral(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		id := c.ok("desk", "CreateReferral", obj{"intermediaryId": chukan, "subject": "物語の相談", "message": "会則づくりの支援をお願いします。", "officeDays": 5}).str("referral.id")
		one := obj{"id": id}
		c.refused("representative", "GetReferral", "PERMISSION_DENIED", one)
		c.refused("coordinator", "ReportReferral", "INVALID_STATE_TRANSITION", obj{"id": id, "outcome": "RESOLVED", "report": "済みました。"})
		c.ok("coordinator", "AcceptReferral", one)
		c.ok("coordinator", "ReportReferral", obj{"id": id, "outcome": "RESOLVED", "report": "済みました。"})
		if r := c.ok("desk", "GetReferral", one); r.str("referral.state") != "REPORTED" || r.str("referral.report") != "済みました。" {
			t.Errorf("the desk reads %s", r.text())
		}
	})
}
