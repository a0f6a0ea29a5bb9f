// Package notice is what people are told by mail: the kinds of notices, on which
// occasion and to whom, and what a person may turn off. It does no I/O and has no
// clock.
package notice

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// MaxAge is how old a fact may be that is still told: what a replayed or restored
// stream brings beyond it is history, not news.
const MaxAge = 14 * 24 * time.Hour

// KeepDays is how long a person finds a notice in the own list.
const KeepDays = 365

// Functions whose holders are told, by the names of the roles.
var (
	heads   = []string{"REPRESENTATIVE"}
	writers = []string{"EDITOR", "REPRESENTATIVE"}
	staff   = []string{"STAFF"}
	clerks  = []string{"STAFF", "DESK"}
)

// Kind is a kind of notice.
type Kind struct {
	Code     string
	Title    string
	Version  int      // Of the template in which it is written today.
	Required bool     // A decision or a request with a term; nobody turns it off.
	Members  []string // Functions of an organization's members that are told.
	Staff    []string // Functions of a department's staff that are told.
}

// kinds are all kinds of notices, in the order in which people see them. A new
// version of a text is a new file; the old one stays, because notices of it are
// still read.
var kinds = []Kind{
	{Code: "organization_verified", Title: "団体登録の確認", Version: 1, Members: writers},
	{Code: "organization_returned", Title: "団体登録の補正のお願い", Version: 1, Required: true, Members: writers},
	{Code: "organization_renewal_due", Title: "団体登録の更新のお知らせ", Version: 1, Members: writers},
	{Code: "organization_expired", Title: "団体登録の期限切れ", Version: 1, Required: true, Members: writers},
	{Code: "organization_suspended", Title: "団体の公開停止", Version: 1, Required: true, Members: heads},
	{Code: "consultation_routed", Title: "相談の振り分け", Version: 1, Staff: staff},
	{Code: "consultation_referred", Title: "相談の紹介", Version: 1, Members: writers},
	{Code: "challenge_responded", Title: "課題への提案", Version: 1, Staff: staff},
	{Code: "proposal_received", Title: "提案の受付", Version: 1, Members: writers},
	{Code: "proposal_returned", Title: "提案の補正のお願い", Version: 1, Required: true, Members: writers},
	{Code: "proposal_assigned", Title: "提案の担当のお願い", Version: 1, Staff: staff},
	{Code: "proposal_decided", Title: "提案の決定", Version: 1, Required: true, Members: writers, Staff: staff},
	{Code: "minutes_to_confirm", Title: "検討会の記録の確認のお願い", Version: 1, Required: true, Members: writers, Staff: staff},
	{Code: "minutes_confirmed", Title: "検討会の記録の確定", Version: 1, Members: writers, Staff: staff},
	{Code: "project_created", Title: "協働事業の準備", Version: 1, Members: writers, Staff: staff},
	{Code: "agreement_signed", Title: "協定の締結", Version: 1, Members: writers, Staff: staff},
	{Code: "evaluation_opened", Title: "評価の開始", Version: 1, Members: writers, Staff: staff},
	{Code: "evaluation_due", Title: "評価シートの提出期限", Version: 1, Required: true, Members: writers, Staff: staff},
	{Code: "evaluation_unsealed", Title: "評価シートの開封", Version: 1, Members: writers, Staff: staff},
	{Code: "evaluation_published", Title: "評価の公表", Version: 1, Members: writers, Staff: staff},
	{Code: "booking_received", Title: "施設予約の受付", Version: 1, Members: writers},
	{Code: "booking_information", Title: "施設予約の確認のお願い", Version: 1, Required: true, Members: writers},
	{Code: "booking_approved", Title: "施設予約の承認", Version: 1, Members: writers},
	{Code: "booking_expiring", Title: "施設の仮予約の期限", Version: 1, Members: writers},
	{Code: "booking_ended", Title: "施設予約の取消し・不承認・期限切れ", Version: 1, Required: true, Members: writers},
	{Code: "waitlist_offered", Title: "空き待ちの順番", Version: 1, Required: true, Members: writers},
	{Code: "lottery_decided", Title: "施設の抽選の結果", Version: 1, Required: true, Members: writers},
	{Code: "penalty_recorded", Title: "施設の違反点数の記録", Version: 1, Required: true, Members: writers},
	{Code: "penalty_decided", Title: "違反点数への不服申立ての決定", Version: 1, Required: true, Members: writers},
	{Code: "followed_news", Title: "フォロー中のお知らせ", Version: 1},
	{Code: "credit_asked", Title: "連名の確認のお願い", Version: 1, Members: heads},
	{Code: "publication_returned", Title: "記事・イベントの差戻し", Version: 1, Required: true, Members: writers, Staff: clerks},
	{Code: "publication_published", Title: "記事・イベントの公開", Version: 1, Members: writers, Staff: clerks},
	{Code: "posting_decided", Title: "広報板の掲示の決定", Version: 1, Required: true, Members: writers},
	{Code: "sponsorship_decided", Title: "後援名義の決定", Version: 1, Required: true, Members: writers},
	{Code: "sponsorship_report_due", Title: "後援名義の実績報告の期限", Version: 1, Required: true, Members: writers},
}

// Kinds are all kinds of notices.
func Kinds() []Kind { return slices.Clone(kinds) }

// KindOf returns a kind by its code.
func KindOf(code string) (Kind, bool) {
	at := slices.IndexFunc(kinds, func(k Kind) bool { return k.Code == code })
	if at < 0 {
		return Kind{}, false
	}
	return kinds[at], true
}

// Facts are what a template knows: public facts and words of the contract, no
// personal data. Each is one line, empty where there is none.
type Facts struct {
	Number string `json:"number,omitempty"` // Public number.
	Title  string `json:"title,omitempty"`  // Of what it is about.
	State  string `json:"state,omitempty"`  // Where it stands now, in Japanese.
	Day    string `json:"day,omitempty"`    // The day that it is about, for readers.
	Due    string `json:"due,omitempty"`    // The last day, for readers.
	Time   string `json:"time,omitempty"`   // From and to on that day.
	Place  string `json:"place,omitempty"`
	Side   string `json:"side,omitempty"` // 団体 or 区.
	Reason string `json:"reason,omitempty"`
}

// Occasion is what happened and whom it concerns.
type Occasion struct {
	ID   string
	Kind string
	// Key tells it from every other of its kind, whatever is delivered how often;
	// it begins with what it is about.
	Key           string
	Object        string // Identifier of what it is about.
	Path          string // Of what it is about, such as /v1/proposals/0198….
	Facts         Facts
	Organizations []string
	Departments   []string
	Persons       []string
	Followed      []string  // Things whose followers are told, by Followed.
	DueAt         time.Time // When it is told; zero for at once.
}

// ConcernsAnybody reports whether there is somebody to tell: what is a resident's own
// names nobody where the ward is told of it.
func (o Occasion) ConcernsAnybody() bool {
	return len(o.Organizations)+len(o.Departments)+len(o.Persons)+len(o.Followed) > 0
}

// Followed is a thing that people follow, as kind and target.
func Followed(kind, target string) string { return kind + ":" + target }

// Clean makes every fact one line of text that shows as it is.
func (f Facts) Clean() Facts {
	for _, s := range []*string{&f.Number, &f.Title, &f.State, &f.Day, &f.Due, &f.Time, &f.Place, &f.Side, &f.Reason} {
		*s = line(*s)
	}
	return f
}

// line drops what could end a line or turn its direction.
func line(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '　':
			return ' '
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s))
}

// State is how far the sending of a notice has come; the values are those of the
// contract.
type State string

// The states.
const (
	Queued  State = "QUEUED"
	Failed  State = "FAILED"
	Sent    State = "SENT"
	GivenUp State = "GIVEN_UP"
)

// backoff is the wait after the first, second … try that failed.
var backoff = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// Failure is why a try failed; the values are those of the contract.
type Failure string

// The failures.
const (
	Refused     Failure = "REFUSED"     // For good.
	Unreachable Failure = "UNREACHABLE" // Passes by itself.
	NoServer    Failure = "NO_SERVER"   // Until one is configured.
)

// Next says how it goes on after a try that failed: the wait before the next one,
// or no further. Where no server is configured the tries do not end.
func Next(tries int, why Failure) (wait time.Duration, more bool) {
	if why == Refused || tries > len(backoff) && why != NoServer {
		return 0, false
	}
	return backoff[min(tries, len(backoff))-1], true
}

// Preferences are the wishes of a person.
type Preferences struct {
	PersonID string
	Off      []string // Kinds that are not sent.
	Version  int64    // 0 before the first wish.
}

// Wish sets which kinds the person does not get. Errors: INVALID_FIELD for an
// unknown kind, NOTICE_REQUIRED.
func (p *Preferences) Wish(off []string) error {
	for _, code := range off {
		switch k, known := KindOf(code); {
		case !known:
			return fault.ErrInvalidField.On(fault.Wrong("preferences.offKinds", "通知の種類「"+code+"」はありません。一覧にある種類を指定してください。", "There is no such kind; take one of the list."))
		case k.Required:
			return ErrRequired.With("kind", code)
		}
	}
	p.Off = slices.Sorted(slices.Values(off))
	return nil
}

// On reports whether the person gets a kind.
func (p *Preferences) On(code string) bool { return !slices.Contains(p.Off, code) }
