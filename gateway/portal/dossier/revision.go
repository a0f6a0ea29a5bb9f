package dossier

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// revisions is the page of the submitted versions, and of what differs between
// two of them.
type revisions struct {
	folder
	found    []*proposalsv1.Revision
	from, to int32
	diff     *proposalsv1.CompareRevisionsResponse // nil with less than two versions.
	call     *proposalsv1.Call                     // For the names of its own fields.
	fields   []ui.Option                           // For the names of the fields of activity.
}

func showRevisions(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	v := &revisions{folder: f}
	resp, err := proposals(q).ListRevisions(q.Context(), &proposalsv1.ListRevisionsRequest{ProposalId: f.proposal.GetId(), PageSize: 200})
	if err != nil {
		return err
	}
	v.found = resp.GetRevisions()
	if len(v.found) > 1 {
		newest := v.found[len(v.found)-1].GetNumber()
		v.from, v.to = v.number(q.Query("from"), newest-1), v.number(q.Query("to"), newest)
		v.diff, err = proposals(q).CompareRevisions(q.Context(), &proposalsv1.CompareRevisionsRequest{ProposalId: f.proposal.GetId(), From: v.from, To: v.to})
		if err != nil {
			return err
		}
		got, err := proposalsv1.NewCallServiceClient(q.Site.Service("proposals")).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: f.proposal.GetCallId()})
		if err != nil {
			return err
		}
		v.call = got.GetCall()
		if v.fields, err = partner.Activities(q); err != nil {
			return err
		}
	}
	v.form.Values.Set("from", fmt.Sprint(v.from))
	v.form.Values.Set("to", fmt.Sprint(v.to))
	return q.Render(revisionsPage(v))
}

// number is the number of a version that there is, or the usual one.
func (v *revisions) number(s string, usual int32) int32 {
	n, err := strconv.ParseInt(s, 10, 32)
	if err == nil && slices.ContainsFunc(v.found, func(r *proposalsv1.Revision) bool { return r.GetNumber() == int32(n) }) {
		return int32(n)
	}
	return usual
}

func (v *revisions) options(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range v.found {
		out = append(out, ui.Option{Value: fmt.Sprint(r.GetNumber()), Text: text.S(ctx, "dossier.version", r.GetNumber())})
	}
	return out
}

// columns are the fields of the rows of a list, in the order in which they are
// read.
var columns = map[string][]string{
	"schedule":  {"month", "activity"},
	"roles":     {"item", "organizationRole", "wardRole"},
	"goals":     {"indicator", "baseline", "target", "method"},
	"structure": {"role", "persons"},
	"budget":    {"side", "account", "amount", "bearer", "basis"},
}

// identifiers are the lists whose values say nothing to a reader: they are
// counted.
var identifiers = []string{"desiredDepartmentIds", "jointOrganizationIds", "declarations"}

// shown is the value of a field in words, a line for each row.
func (v *revisions) shown(ctx context.Context, field string, value *structpb.Value) string {
	switch k := value.GetKind().(type) {
	case *structpb.Value_ListValue:
		return v.lines(ctx, field, k.ListValue.GetValues())
	case *structpb.Value_StructValue:
		var out []string
		for _, f := range v.call.GetFields() { // answers, in the order of the call
			if answer := k.StructValue.GetFields()[f.GetKey()]; answer != nil {
				out = append(out, text.S(ctx, "ui.labelled", f.GetLabel(), answerText(ctx, f, answer.GetStringValue())))
			}
		}
		return strings.Join(out, "\n")
	case nil, *structpb.Value_NullValue:
		return text.S(ctx, "dossier.nothing")
	default:
		return scalar(ctx, field, value)
	}
}

// answerText is an answer as it is read: that of a file field is an identifier.
func answerText(ctx context.Context, f *proposalsv1.CallField, answer string) string {
	if f.GetType() == proposalsv1.CallField_FILE {
		return text.S(ctx, "dossier.isfile")
	}
	return answer
}

func (v *revisions) lines(ctx context.Context, field string, rows []*structpb.Value) string {
	if slices.Contains(identifiers, field) {
		return text.S(ctx, "dossier.count", len(rows))
	}
	var out []string
	for _, row := range rows {
		if row.GetStructValue() == nil {
			out = append(out, v.activity(field, scalar(ctx, field, row)))
			continue
		}
		var cells []string
		for _, name := range columns[field] {
			if cell := row.GetStructValue().GetFields()[name]; cell != nil {
				cells = append(cells, scalar(ctx, name, cell))
			}
		}
		out = append(out, strings.Join(cells, "／"))
	}
	return strings.Join(out, "\n")
}

// activity is a value, or the field of activity that has it for its number.
func (v *revisions) activity(field, value string) string {
	if i := slices.IndexFunc(v.fields, func(o ui.Option) bool { return field == "activityFields" && o.Value == value }); i >= 0 {
		return v.fields[i].Text
	}
	return value
}

// scalar is one value in words.
func scalar(ctx context.Context, name string, value *structpb.Value) string {
	switch k := value.GetKind().(type) {
	case *structpb.Value_BoolValue:
		if k.BoolValue {
			return text.S(ctx, "dossier.yes")
		}
		return text.S(ctx, "dossier.no")
	case *structpb.Value_NumberValue:
		if name == "amount" {
			return ui.Yen(ctx, int64(k.NumberValue))
		}
		return strconv.FormatFloat(k.NumberValue, 'f', -1, 64)
	}
	s := value.GetStringValue()
	switch {
	case name == "form":
		return text.S(ctx, "proposal.forms."+s)
	case name == "side" && s != "":
		return text.S(ctx, "proposal.sides."+s)
	case name == "bearer" && s != "":
		return text.S(ctx, "proposal.bearers."+s)
	case name == "challengeId":
		return text.S(ctx, "dossier.chosen")
	}
	return s
}
