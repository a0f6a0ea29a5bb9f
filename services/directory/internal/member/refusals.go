package member

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of memberships beside those that all services share.
var (
	// ErrAlreadyMember refuses a person who is a member already.
	ErrAlreadyMember = fault.New(fault.Exists, "ALREADY_MEMBER", "この方はすでに団体のメンバーです。", "The person is a member already.")
	// ErrInvitationOpen refuses a second invitation to the same address.
	ErrInvitationOpen = fault.New(fault.Exists, "INVITATION_OPEN", "このメールアドレスへの招待はすでに送られています。取り消してから招待し直してください。", "An invitation to this address is open; withdraw it first.")
	// ErrInvitationExpired refuses an invitation older than 72 hours.
	ErrInvitationExpired = fault.New(fault.Precondition, "INVITATION_EXPIRED", "招待の有効期限（72時間）が過ぎました。団体の代表者に招待し直すよう依頼してください。", "The invitation has ended after 72 hours; ask for a new one.")
	// ErrLastRepresentative refuses to leave an organization without a representative.
	ErrLastRepresentative = fault.New(fault.Precondition, "LAST_REPRESENTATIVE", "最後の代表者は外せません。先にほかの方を代表者にしてください。", "The last representative stays; make somebody else representative first.")
	// ErrTooMany refuses more members than an organization can have.
	ErrTooMany = fault.New(fault.Precondition, "TOO_MANY_MEMBERS", "登録できる人数（300人）を超えています。不要なメンバーや招待を外してください。", "The organization has 300 members and invitations; remove some first.")
)
