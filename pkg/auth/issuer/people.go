package issuer

import (
	"fmt"
	"strings"
)

// Person is somebody who can sign in at the development issuer.
type Person struct {
	// Name is the login and the subject of the tokens, such as "desk".
	Name string
	// DisplayName is shown to others; in samples it says that it is one.
	DisplayName string
	// Email is an address under example.com (RFC 2606); no mail ever arrives.
	Email string
	// Note explains the role on the sign-in page, in Japanese.
	Note string
	// NoteEn is Note in English.
	NoteEn string
}

// SamplePeople are the people of a development installation. Their roles and
// memberships are sample data of the directory; here are only their identities.
var SamplePeople = []Person{
	{"resident", "見本 区民", "resident@example.com", "サインインした区民です。団体には属していません。", "A signed-in resident without an organization."},
	{"member", "見本団体1 担当者", "member@dantai1.example.com", "見本団体1の編集者です。提案や予約の下書きを作れます。", "An editor of sample organization 1."},
	{"representative", "見本団体1 代表者", "representative@dantai1.example.com", "見本団体1の代表者です。団体を代表して提出できます。", "The representative of sample organization 1."},
	{"member2", "見本団体2 担当者", "member@dantai2.example.com", "見本団体2の編集者です。", "An editor of sample organization 2."},
	{"representative2", "見本団体2 代表者", "representative@dantai2.example.com", "見本団体2の代表者です。", "The representative of sample organization 2."},
	{"coordinator", "見本 中間支援組織 担当者", "coordinator@chukan.example.com", "中間支援組織の担当者です。委任を受けた団体の手続きを手伝います。", "A member of an intermediary, acting through delegations."},
	{"staff", "見本 担当課1 職員", "staff@ka1.example.com", "担当課1の職員です。", "Ward staff of department 1."},
	{"staff2", "見本 担当課2 職員", "staff@ka2.example.com", "担当課2の職員です。", "Ward staff of department 2."},
	{"desk", "見本 総合窓口", "desk@ward.example.com", "総合窓口の職員です。相談と提案を受け付けます。", "The general desk; receives consultations and proposals."},
	{"approver", "見本 決裁者", "approver@ward.example.com", "決裁者です。ほかの人が作った案を承認します。", "Approves what somebody else drafted."},
	{"reviewer", "見本 審査委員1", "reviewer@iinkai.example.com", "審査委員です。割り当てられた提案を採点します。", "A reviewer; scores the proposals assigned."},
	{"reviewer2", "見本 審査委員2", "reviewer2@iinkai.example.com", "もう一人の審査委員です。", "Another reviewer."},
	{"clerk", "見本 施設窓口", "clerk@shisetsu.example.com", "施設窓口の職員です。予約と貸出を扱います。", "The facility clerk; handles bookings."},
	{"auditor", "見本 監査担当", "auditor@ward.example.com", "監査担当です。監査記録だけを読めます。", "The auditor; reads the audit log only."},
	{"admin", "見本 システム管理者", "admin@ward.example.com", "システム管理者です。利用者と設定を扱い、内容は扱いません。", "The administrator; accounts and settings, no content."},
}

// UnknownPersonError says that nobody has the name, and who there is.
type UnknownPersonError struct {
	// Name is the name asked for.
	Name string
	// Known are the names there are, in the order of the sign-in page.
	Known []string
}

// Error lists the known names.
func (e *UnknownPersonError) Error() string {
	return fmt.Sprintf("no sample person %q; there are: %s", e.Name, strings.Join(e.Known, ", "))
}

func find(people []Person, name string) (Person, error) {
	known := make([]string, 0, len(people))
	for _, person := range people {
		if person.Name == name {
			return person, nil
		}
		known = append(known, person.Name)
	}
	return Person{}, &UnknownPersonError{Name: name, Known: known}
}

func checkPeople(people []Person) error {
	seen := make(map[string]bool, len(people))
	for _, person := range people {
		if person.Name == "" || seen[person.Name] {
			return fmt.Errorf("development issuer: person %q is nameless or listed twice", person.Name)
		}
		seen[person.Name] = true
	}
	return nil
}
