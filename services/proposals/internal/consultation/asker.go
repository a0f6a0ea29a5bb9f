package consultation

import (
	"strings"
	"time"
)

// Asker is who asked: kept sealed and apart from the consultation.
type Asker struct {
	Name    string `json:"name,omitempty"`
	Phone   string `json:"phone,omitempty"`
	Email   string `json:"email,omitempty"`
	Address string `json:"address,omitempty"`
}

// IsEmpty reports whether nothing is known.
func (a Asker) IsEmpty() bool { return a == Asker{} }

// In reports whether a text holds something of who asked: the name, the mail
// address, the digits of the phone or the address.
func (a Asker) In(text string) bool {
	plain, digits := squeeze(text), onlyDigits(text)
	for _, part := range []string{a.Name, a.Email, a.Address} {
		if p := squeeze(part); len([]rune(p)) >= 2 && strings.Contains(plain, p) {
			return true
		}
	}
	phone := onlyDigits(a.Phone)
	return len(phone) >= 6 && strings.Contains(digits, phone)
}

// squeeze leaves case and spaces out.
func squeeze(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}

// AskerRetentionDays is how many days name and contact of who asked are kept after
// the last step of a consultation that is answered, closed or referred: a year, in
// which the matter may be asked about or opened again.
const AskerRetentionDays = 365

// AskersUntil is the time of the last step before which they are erased.
func AskersUntil(now time.Time) time.Time { return now.AddDate(0, 0, -AskerRetentionDays) }
