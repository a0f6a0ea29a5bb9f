package call

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// draft is a call that is being written.
type draft struct {
	form *ui.Form
	call *proposalsv1.Call // nil before it is created.

	challenges []ui.Option // Published ones, for a themed call.
}

// title is that of the page.
func (d *draft) title(ctx context.Context) string {
	if d.call == nil {
		return text.S(ctx, "call.new")
	}
	return text.S(ctx, "call.edit")
}

// etag is the version that the form changes: after a refusal that of the form
// that was typed into.
func (d *draft) etag() string {
	if typed := d.form.Get("etag"); typed != "" && d.form.Refusal == nil {
		return typed
	}
	return d.call.GetEtag() // pressing again writes over what others wrote meanwhile
}

// render shows the form with the challenges that a themed call can be for; those
// that it is for already stay.
func (d *draft) render(q *web.Request, status int) error {
	resp, err := proposalsv1.NewChallengeServiceClient(q.Site.Service("proposals")).ListChallenges(q.Context(), &proposalsv1.ListChallengesRequest{
		State: proposalsv1.Challenge_PUBLISHED, PageSize: 100,
	})
	if err != nil {
		return err
	}
	for _, c := range resp.GetChallenges() {
		d.challenges = append(d.challenges, ui.Option{Value: c.GetId(), Text: c.GetTitle()})
	}
	for _, id := range d.form.Values["challengeIds"] {
		if !slices.ContainsFunc(d.challenges, func(o ui.Option) bool { return o.Value == id }) {
			d.challenges = append(d.challenges, ui.Option{Value: id, Text: text.S(q.Context(), "call.otherchallenge")})
		}
	}
	return q.RenderAs(status, editPage(d))
}

// edited are the fields that the form holds, as the mask names them.
var edited = []string{
	"title", "summary", "guideline_url", "fiscal_year", "round", "mode", "opens_on", "closes_on", "postmark_rule", "theme_kind", "steps",
	"release_together", "fields", "criteria", "declarations", "max_proposals_per_organization", "note", "challenge_ids",
}

// editLabels name the fields in the summary of what was refused.
var editLabels = ui.Labels{
	"title": "call.title", "summary": "call.summary", "guidelineUrl": "call.guideline", "fiscalYear": "call.year", "round": "call.round",
	"mode": "call.modename", "opensOn": "call.openson", "closesOn": "call.closeson", "themeKind": "call.theme", "steps": "call.steps",
	"fields": "call.fields", "criteria": "call.criteria", "declarations": "call.declarations", "maxProposalsPerOrganization": "call.max", "note": "call.note",
}

func begin(q *web.Request) error {
	d := &draft{form: ui.NewForm(url.Values{
		"fiscalYear": {fmt.Sprint(fiscalYear(q))}, "round": {"1"}, "mode": {proposalsv1.Call_FIXED_PERIOD.String()},
		"themeKind": {proposalsv1.Call_FREE.String()},
	})}
	return d.render(q, http.StatusOK)
}

// fiscalYear is that of today: it begins in April.
func fiscalYear(q *web.Request) int {
	if q.Today().Month < 4 {
		return q.Today().Year - 1
	}
	return q.Today().Year
}

// input reads the form. Errors: INVALID_FIELD.
func input(q *web.Request) (*proposalsv1.CallInput, error) {
	splitChoices(q.PostForm)
	ordered(q.PostForm)
	in := &proposalsv1.CallInput{}
	return in, web.Bind(q.PostForm, in)
}

// splitChoices makes every line of a field's choices a value of its own.
func splitChoices(values url.Values) {
	for name, v := range values {
		if !strings.HasSuffix(name, ".choices") {
			continue
		}
		var out []string
		for l := range strings.Lines(strings.Join(v, "\n")) {
			if l = strings.TrimSpace(l); l != "" {
				out = append(out, l)
			}
		}
		values[name] = out
	}
}

// orders are the orders of the examination that the form offers.
var orders = map[string][]string{
	"REVIEW,NEGOTIATION": {"REVIEW", "NEGOTIATION"}, "NEGOTIATION,REVIEW": {"NEGOTIATION", "REVIEW"}, "REVIEW": {"REVIEW"}, "NEGOTIATION": {"NEGOTIATION"},
}

// ordered turns the chosen order into the list of the contract.
func ordered(values url.Values) {
	if chosen, ok := orders[values.Get("_order")]; ok {
		values["steps"] = chosen
	}
}

func create(q *web.Request) error {
	in, err := input(q)
	var resp *proposalsv1.CreateCallResponse
	if err == nil {
		resp, err = calls(q).CreateCall(q.Once(), &proposalsv1.CreateCallRequest{Call: in})
	}
	if form, refused := q.Refused(err); refused {
		d := &draft{form: typed(form)}
		return d.render(q, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/calls/"+resp.GetCall().GetId()+"/edit", "callbegun")
}

// typed is what was refused, as the form shows it.
func typed(form *ui.Form) *ui.Form {
	for name, v := range form.Values {
		if strings.HasSuffix(name, ".choices") {
			form.Values[name] = []string{strings.Join(v, "\n")}
		}
	}
	form.Trim("call.").Labels = editLabels
	return form
}

func edit(q *web.Request) error {
	c, err := read(q)
	if err != nil {
		return err
	}
	d := &draft{form: ui.NewForm(web.Values("", c)), call: c}
	d.form.Values.Set("_order", order(c.GetSteps()))
	d.form = typed(d.form)
	return d.render(q, http.StatusOK)
}

func order(of []proposalsv1.Call_Step) string {
	var names []string
	for _, s := range of {
		names = append(names, s.String())
	}
	return strings.Join(names, ",")
}

func read(q *web.Request) (*proposalsv1.Call, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := calls(q).GetCall(q.Context(), &proposalsv1.GetCallRequest{Id: id})
	return got.GetCall(), err
}

func save(q *web.Request) error {
	c, err := read(q)
	if err != nil {
		return err
	}
	etag := q.PostFormValue("etag")
	in, err := input(q)
	if err == nil {
		_, err = calls(q).UpdateCall(q.Context(), &proposalsv1.UpdateCallRequest{
			Id: c.GetId(), Call: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: edited}, Etag: etag,
		})
	}
	if form, refused := q.Refused(err); refused {
		d := &draft{form: typed(form), call: c}
		return d.render(q, form.Status)
	}
	if err != nil {
		return err
	}
	if q.PostFormValue("step") == "show" {
		return q.Redirect("/calls/"+c.GetId(), "callsaved")
	}
	return q.Redirect("/calls/"+c.GetId()+"/edit", "callsaved")
}

// spare is how many empty rows a list shows behind those that are filled.
const spare = 2

// rows are the numbers of the rows that a list shows.
func (d *draft) rows(list string) []int {
	n := 0
	for name := range d.form.Values {
		var i int
		if _, err := fmt.Sscanf(name, list+"[%d]", &i); err == nil {
			n = max(n, i+1)
		}
	}
	out := make([]int, n+spare)
	for i := range out {
		out[i] = i
	}
	return out
}

// line is a field of the call, cell one of a row.
func line(name, label string) ui.Input {
	return ui.Input{Name: name, Label: label, Max: web.Max(&proposalsv1.CallInput{}, name)}
}

func cell(list string, i int, name, label string) ui.Input {
	return line(fmt.Sprintf("%s[%d].%s", list, i, name), label)
}

func numeric(in ui.Input) ui.Input {
	in.Attrs = map[string]any{"inputmode": "numeric"}
	return in
}

func must(in ui.Input) ui.Input {
	in.Required = true
	return in
}

func tall(in ui.Input, rows int) ui.Input {
	in.Rows = rows
	return in
}

func withTypes(ctx context.Context, in ui.Input) ui.Input {
	in.Options = typeOptions(ctx)
	return in
}

func orderOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "call.usualorder")}}
	for _, o := range slices.Sorted(maps.Keys(orders)) {
		var words []string
		for _, s := range orders[o] {
			words = append(words, text.S(ctx, "call.step."+s))
		}
		out = append(out, ui.Option{Value: o, Text: strings.Join(words, " → ")})
	}
	return out
}

func modeOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, m := range []proposalsv1.Call_Mode{proposalsv1.Call_FIXED_PERIOD, proposalsv1.Call_ALL_YEAR} {
		out = append(out, ui.Option{Value: m.String(), Text: text.Enum(ctx, "call.mode", m)})
	}
	return out
}

func themeOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range []proposalsv1.Call_ThemeKind{proposalsv1.Call_FREE, proposalsv1.Call_THEMED} {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "call.themekind", k)})
	}
	return out
}

func typeOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, k := range []proposalsv1.CallField_Type{
		proposalsv1.CallField_TEXT, proposalsv1.CallField_NUMBER, proposalsv1.CallField_DATE, proposalsv1.CallField_CHOICE, proposalsv1.CallField_FILE,
	} {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "call.fieldtype", k)})
	}
	return out
}

// saved is the address of the form.
func (d *draft) saved() string {
	if d.call == nil {
		return "/desk/calls"
	}
	return "/calls/" + d.call.GetId() + "/edit"
}

// open reports whether the call can still be changed.
func (d *draft) open() bool { return d.call == nil || d.call.GetState() == proposalsv1.Call_DRAFT }

// canReadTexts reports whether the caller reads what organizations wrote.
func canReadTexts(ctx context.Context) bool {
	return ui.Can(ctx, proposalsv1.SchemeSurveyService_ListSchemeSurveyTexts_FullMethodName)
}
