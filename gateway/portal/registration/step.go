package registration

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

type (
	state  = directoryv1.Organization_State
	client = directoryv1.OrganizationServiceClient
)

// States of a registration.
const (
	draft     = directoryv1.Organization_DRAFT
	pending   = directoryv1.Organization_PENDING
	verified  = directoryv1.Organization_VERIFIED
	expired   = directoryv1.Organization_EXPIRED
	suspended = directoryv1.Organization_SUSPENDED
)

// steps are the steps of a registration in their order.
var steps = &step.Table[state]{
	Texts: "registry", Done: "registrationstep",
	Steps: []step.Step[state]{
		{Name: "submit", Method: directoryv1.OrganizationService_SubmitOrganization_FullMethodName, Sure: true, From: step.In(draft), Take: step.By(organizations, client.SubmitOrganization)},
		{Name: "verify", Method: directoryv1.OrganizationService_VerifyOrganization_FullMethodName, Sure: true, From: step.In(pending), Take: step.By(organizations, client.VerifyOrganization)},
		{Name: "return", Method: directoryv1.OrganizationService_ReturnOrganization_FullMethodName, Sure: true, From: step.In(pending), Take: step.By(organizations, client.ReturnOrganization)},
		{Name: "confirm", Method: directoryv1.OrganizationService_ConfirmOrganizationCurrent_FullMethodName, Sure: true, From: step.In(verified, expired), Take: step.By(organizations, client.ConfirmOrganizationCurrent)},
		{Name: "request", Method: directoryv1.OrganizationService_RequestRenewal_FullMethodName, Sure: true, From: step.In(verified, expired), Take: step.By(organizations, client.RequestRenewal)},
		{Name: "renew", Method: directoryv1.OrganizationService_RenewOrganization_FullMethodName, Sure: true, From: step.In(verified, expired), Take: step.By(organizations, client.RenewOrganization)},
		{Name: "suspend", Method: directoryv1.OrganizationService_SuspendOrganization_FullMethodName, Sure: true, From: step.In(verified, expired), Take: step.By(organizations, client.SuspendOrganization)},
		{Name: "lift", Method: directoryv1.OrganizationService_LiftSuspension_FullMethodName, Sure: true, From: step.In(suspended), Take: step.By(organizations, client.LiftSuspension)},
		{Name: "merge", Method: directoryv1.OrganizationService_MergeOrganization_FullMethodName, Sure: true, From: step.In(draft, pending, verified, expired, suspended), Take: step.By(organizations, client.MergeOrganization)},
		{Name: "close", Method: directoryv1.OrganizationService_CloseOrganization_FullMethodName, Sure: true, From: step.In(draft, pending, verified, expired, suspended), Take: step.By(organizations, client.CloseOrganization)},
	},
}

// stepLabels name the fields of the steps in the summary of what was refused.
var stepLabels = ui.Labels{
	"submit._why": "step.why", "verify.validUntil": "registry.validuntil", "renew.validUntil": "registry.validuntil",
	"return.reason": "step.reason", "return.fields": "registry.fields", "suspend.reason": "step.reason", "lift.reason": "step.reason",
	"close.reason": "step.reason", "merge.reason": "step.reason", "merge.survivorId": "registry.survivor",
	"kind": "registry.paperkind", "file": "registry.paperfile", "_why": "registry.paperwhy",
}

// offers are the steps that the page offers: the organization's own to its
// representatives, the ward's to the desk.
func (f *file) offers(ctx context.Context) []step.Offer {
	if !f.representative && !f.desk {
		return nil
	}
	return steps.Offers(ctx, &step.Thing[state]{State: f.GetState(), Path: f.path(), Form: f.form})
}

// correctable are the fields of an application that the desk can ask to have
// corrected, with the label that the form of the application has for them.
func correctable(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, name := range []string{"name", "nameKana", "kind", "legalForm", "corporateNumber", "purpose", "description", "activityFields", "representativeName", "address", "contactPoint", "url"} {
		out = append(out, ui.Option{Value: name, Text: fieldName(ctx, name)})
	}
	return out
}

// fieldName is the label of a field of an organization.
func fieldName(ctx context.Context, name string) string {
	if key, ok := labels[name]; ok {
		return text.S(ctx, key)
	}
	return name
}

// survivors are the organizations in which this one may live on: those that were
// found to be alike.
func (f *file) survivors() []ui.Option {
	var out []ui.Option
	for _, d := range f.duplicates {
		if published(d.GetOrganization().GetState()) {
			out = append(out, ui.Option{Value: d.GetOrganization().GetId(), Text: d.GetOrganization().GetName()})
		}
	}
	return out
}

// paperKinds are the kinds of papers in the order of a form; those that the ward
// asks for and that are not there come first.
func (f *file) paperKinds(ctx context.Context) []ui.Option {
	kinds := slices.Clone(f.checklist.GetMissing())
	for _, k := range allKinds {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	var out []ui.Option
	for _, k := range kinds {
		out = append(out, ui.Option{Value: k, Text: text.S(ctx, "registry.paper."+k)})
	}
	return out
}

var allKinds = []string{"BYLAWS", "OFFICERS", "MEMBERS", "REGISTRY", "ACCOUNTS", "REPORT", "PLAN", "PLEDGE", "OTHER"}

// tone is how a state looks.
func tone(s state) ui.Tone {
	switch s {
	case verified:
		return ui.Good
	case expired, suspended:
		return ui.Warning
	case draft, pending:
		return ui.Calm
	default:
		return ui.Ended
	}
}
