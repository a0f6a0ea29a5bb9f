package introduction

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of introductions beside those that all services share.
var (
	// ErrExists refuses a second open introduction of the same partner.
	ErrExists = fault.New(fault.Exists, "INTRODUCTION_EXISTS", "この掲載へは、同じ相手の紹介がすでに進んでいます。その紹介の結果を待ってください。", "An introduction of the same partner to this listing is under way; wait for its outcome.")
	// ErrToSelf refuses to introduce the owner of the listing to itself.
	ErrToSelf = fault.New(fault.Invalid, "INTRODUCTION_TO_SELF", "掲載した団体・部署自身は紹介できません。別の相手を選んでください。", "The owner of the listing cannot be introduced to itself; choose another partner.")
	// ErrMatchInvalid refuses a matching listing that does not match.
	ErrMatchInvalid = fault.New(fault.Invalid, "MATCH_INVALID", "対応する掲載には、紹介する相手が公開している反対側（求む・提供）の掲載を指定してください。", "The matching listing must be the partner's, open, and of the opposite side.")
	// ErrContactConsentRequired refuses a contact without the person's consent, or
	// from somebody else than the side itself.
	ErrContactConsentRequired = fault.New(fault.Invalid, "CONTACT_CONSENT_REQUIRED", "連絡先は、本人が相手に伝えることに同意した場合だけ、その当事者が登録できます。同意を確認するか、連絡先を空欄にしてください。", "A contact needs the person's consent and comes from its own side; ask for it or leave the contact empty.")
)
