package newsletter

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about the mail magazine.
var (
	// ErrTopicUnknown refuses a topic that nobody can choose; metadata topic.
	ErrTopicUnknown = fault.New(fault.Invalid, "TOPIC_UNKNOWN", "選べない話題が含まれています。話題の一覧から選び直してください。", "A topic cannot be chosen; choose from the list of topics.")
	// ErrTopicExists refuses a second topic with a code.
	ErrTopicExists = fault.New(fault.Exists, "TOPIC_EXISTS", "同じコードの話題がすでにあります。その話題を変更するか、別のコードを付けてください。", "There is a topic with this code; change it or take another code.")
	// ErrTopicLimit refuses more topics than TopicLimit.
	ErrTopicLimit = fault.New(fault.Precondition, "TOPIC_LIMIT_REACHED", "話題は30件までです。使っていない話題の名前と内容を変えて使ってください。", "There are 30 topics already; change one that is not used.")
	// ErrConsentOutdated refuses a consent to a text that is not the present one; metadata version.
	ErrConsentOutdated = fault.New(fault.Precondition, "CONSENT_OUTDATED", "利用目的の説明が新しくなりました。読み直してから申し込んでください。", "The text of the consent has changed; read it again.")
	// ErrNotEditable refuses changes of anything but a draft; metadata state.
	ErrNotEditable = fault.New(fault.Precondition, "ISSUE_NOT_EDITABLE", "下書きでない号は変更できません。変更が必要なときは差し戻してもらってください。", "Only a draft can be changed; have the issue returned.")
	// ErrIncomplete refuses to put forward what lacks something.
	ErrIncomplete = fault.New(fault.Precondition, "ISSUE_INCOMPLETE", "決裁に回すために必要な項目が足りません。項目ごとの説明を確認してください。", "Something that the approval needs is missing; see errors.")
	// ErrItemNotPublic refuses what not everybody can read; metadata sourceId.
	ErrItemNotPublic = fault.New(fault.Precondition, "ITEM_NOT_PUBLIC", "公開されていないものは載せられません。公開してから加えてください。", "Only what is public can be in an issue; publish it first.")
	// ErrTestAddress refuses a test mail to an address that is not the ward's; metadata domain.
	ErrTestAddress = fault.New(fault.Precondition, "TEST_ADDRESS_FORBIDDEN", "試し配信は区のメールアドレスにだけ送れます。職員のアドレスを指定してください。", "Test mails go to addresses of the ward only.")
	// ErrNothing refuses a mail without anything that the wishes ask for.
	ErrNothing = fault.New(fault.Precondition, "NOTHING_TO_SEND", "指定した話題に当てはまる記事がありません。話題を変えてください。", "Nothing in the issue belongs to these topics; choose others.")
)
