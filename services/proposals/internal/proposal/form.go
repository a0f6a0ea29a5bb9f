package proposal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

func isField(name string) bool { return slices.Contains(fieldNames, name) }

// Attachments is what a correction names to ask for other files.
const Attachments = "attachments"

// allows refuses fields that are not to be corrected. Errors:
// FIELD_NOT_IN_CORRECTION.
func (c *Correction) allows(names []string) error {
	var wrong []fault.Field
	for _, name := range names {
		if !slices.Contains(c.Fields, name) {
			wrong = append(wrong, fault.Field{
				Path: "content." + name, Reason: ErrNotInCorrection.Reason,
				Ja: "補正の対象ではないため変更できません。", En: "This field is not to be corrected.",
			})
		}
	}
	return ErrNotInCorrection.OnAny(wrong)
}

// Check refuses content that cannot be submitted to the call; files are the ids
// of the proposal's attachments. Errors: DECLARATION_MISSING,
// PROPOSAL_INCOMPLETE, BUDGET_UNBALANCED.
func (c *Content) Check(of *call.Call, organizationID string, files ...string) error {
	if missing := c.undeclared(of.Declarations); len(missing) > 0 {
		return ErrDeclarationMissing.With("missing", strings.Join(missing, ","))
	}
	wrong := c.missing(of)
	wrong = append(wrong, c.wrongAnswers(of.Fields, files)...)
	if slices.Contains(c.JointOrganizationIDs, organizationID) {
		wrong = append(wrong, incomplete("content.jointOrganizationIds", "提案団体自身を共同提案団体にすることはできません。", "The proposing organization cannot be a joint one too."))
	}
	if len(wrong) > 0 {
		return ErrIncomplete.On(wrong...)
	}
	if t := c.Totals(); t.Income != t.Expense {
		return ErrUnbalanced.
			With("income", strconv.FormatInt(t.Income, 10)).
			With("expense", strconv.FormatInt(t.Expense, 10)).
			OnPath("content.budget")
	}
	return nil
}

func (c *Content) undeclared(all []call.Declaration) []string {
	var missing []string
	for _, d := range all {
		if !slices.Contains(c.Declarations, d.Code) {
			missing = append(missing, d.Code)
		}
	}
	return missing
}

func (c *Content) missing(of *call.Call) []fault.Field {
	var wrong []fault.Field
	for _, f := range []struct {
		name  string
		empty bool
	}{
		{"title", c.Title == ""},
		{"theme", of.ThemeKind == call.Themed && c.Theme == ""},
		{"contactName", c.ContactName == ""},
		{"contactPhone", c.ContactPhone == "" && c.ContactEmail == ""},
		{"purpose", c.Purpose == ""},
		{"activities", c.Activities == ""},
		{"necessity", c.Necessity == ""},
	} {
		if f.empty {
			wrong = append(wrong, incomplete("content."+f.name, "入力してください。", "This field is required to submit."))
		}
	}
	return wrong
}

func incomplete(path, ja, en string) fault.Field {
	return fault.Field{Path: path, Reason: ErrIncomplete.Reason, Ja: ja, En: en}
}

func (c *Content) wrongAnswers(fields []call.Field, files []string) []fault.Field {
	var wrong []fault.Field
	for _, f := range fields {
		path := "content.answers." + f.Key
		switch answer := c.Answers[f.Key]; {
		case answer == "" && f.Required:
			wrong = append(wrong, incomplete(path, "「"+f.Label+"」を入力してください。", "This field of the call is required."))
		case answer != "":
			if ja, en := wrongAnswer(f, answer, files); ja != "" {
				wrong = append(wrong, incomplete(path, ja, en))
			}
		}
	}
	for key := range c.Answers {
		if !slices.ContainsFunc(fields, func(f call.Field) bool { return f.Key == key }) {
			wrong = append(wrong, incomplete("content.answers."+key, "この募集にはない項目です。", "The call has no such field."))
		}
	}
	return wrong
}

// wrongAnswer says what is wrong with an answer, or nothing.
func wrongAnswer(f call.Field, answer string, files []string) (ja, en string) {
	switch f.Type {
	case "NUMBER":
		if _, err := strconv.ParseInt(answer, 10, 64); err != nil {
			return "整数で入力してください。", "Enter a whole number."
		}
	case "DATE":
		if _, err := jp.ParseDate(answer); err != nil {
			return jp.ErrDate.Ja, jp.ErrDate.En
		}
	case "CHOICE":
		if !slices.Contains(f.Choices, answer) {
			return "選択肢から選んでください。", "Choose one of the choices."
		}
	case "FILE":
		if !slices.Contains(files, answer) {
			return "この提案に添付したファイルを指定してください。", "Name a file that is attached to this proposal."
		}
	case "TEXT":
		if f.MaxLength > 0 && utf8.RuneCountInString(answer) > f.MaxLength {
			return fmt.Sprintf("%d文字以内で入力してください。", f.MaxLength), fmt.Sprintf("Enter at most %d characters.", f.MaxLength)
		}
	}
	return "", ""
}
