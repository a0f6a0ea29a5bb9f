package acceptance

const outreachRights = `
ApplicationService            PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateApplication            .   x   x   x  x  .   x    x   .    .   .   .   .
  GetApplication               .   x   x   x  x  x   .    x   .    .   x   .   .
  ListApplications             .   .   .   x  x  x   .    x   .    .   x   .   .
  ListOwnApplications          .   x   x   x  x  .   .    x   .    .   .   .   .
  AcceptApplication            .   .   .   x  x  x   .    x   .    .   x   .   .
  WaitlistApplication          .   .   .   x  x  x   .    x   .    .   x   .   .
  DeclineApplication           .   .   .   x  x  x   .    x   .    .   x   .   .
  WithdrawApplication          .   x   x   x  x  .   x    x   .    .   .   .   .
  RecordAttendance             .   .   .   x  x  x   .    x   .    .   x   .   .
  StopInvitations              .   x   x   x  x  .   .    x   .    .   .   .   .
  GetCertificate               .   x   x   x  x  x   .    x   .    .   x   .   .
  GetCertificatePage           .   x   x   x  x  x   .    x   .    .   x   .   .

ArticleService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateArticle                .   .   .   x  x  x   x    x   .    .   x   .   .
  UpdateArticle                .   .   .   x  x  x   x    x   .    .   x   .   .
  GetArticle                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListArticles                 x   x   x   x  x  x   x    x   x    x   x   x   x
  RequestArticleApproval       .   .   .   x  x  x   x    x   .    .   x   .   .
  ApproveArticle               .   .   .   .  .  .   x    .   .    x   .   .   .
  ReturnArticle                .   .   .   .  .  .   x    .   .    x   .   .   .
  PublishArticle               .   .   .   .  .  x   x    .   .    x   x   .   .
  WithdrawArticle              .   .   .   x  x  x   x    x   .    .   x   .   .
  ConfirmArticleCredit         .   .   .   .  x  .   .    .   .    .   .   .   .
  ListArticleRevisions         .   .   x   x  x  x   x    x   .    x   x   .   .

BoardService                  PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateBoard                  .   .   .   .  .  .   x    .   .    .   .   .   .
  UpdateBoard                  .   .   .   .  .  .   x    .   .    .   .   .   .
  GetBoard                     x   x   x   x  x  x   x    x   x    x   x   x   x
  ListBoards                   x   x   x   x  x  x   x    x   x    x   x   x   x
  CreatePosting                .   .   .   .  x  .   x    .   .    .   x   .   .
  UpdatePosting                .   .   .   .  x  .   x    .   .    .   x   .   .
  GetPosting                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListPostings                 x   x   x   x  x  x   x    x   x    x   x   x   x
  ApprovePosting               .   .   .   .  .  .   x    .   .    .   x   .   .
  RejectPosting                .   .   .   .  .  .   x    .   .    .   x   .   .
  WithdrawPosting              .   .   .   .  x  .   x    .   .    .   x   .   .
  GetPostingSheet              x   x   x   x  x  x   x    x   x    x   x   x   x
  GetPostingPage               x   x   x   x  x  x   x    x   x    x   x   x   x

EventService                  PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateEvent                  .   .   .   x  x  x   x    x   .    .   x   .   .
  UpdateEvent                  .   .   .   x  x  x   x    x   .    .   x   .   .
  GetEvent                     x   x   x   x  x  x   x    x   x    x   x   x   x
  ListEvents                   x   x   x   x  x  x   x    x   x    x   x   x   x
  RequestEventApproval         .   .   .   x  x  x   x    x   .    .   x   .   .
  ApproveEvent                 .   .   .   .  .  .   x    .   .    x   .   .   .
  ReturnEvent                  .   .   .   .  .  .   x    .   .    x   .   .   .
  PublishEvent                 .   .   .   .  .  x   x    .   .    x   x   .   .
  CancelEvent                  .   .   .   x  x  x   x    x   .    .   x   .   .
  WithdrawEvent                .   .   .   x  x  x   x    x   .    .   x   .   .
  ConfirmEventCredit           .   .   .   .  x  .   .    .   .    .   .   .   .
  ListEventRevisions           .   .   x   x  x  x   x    x   .    x   x   .   .

FeedService                   PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetFeed                      x   x   x   x  x  x   x    x   x    x   x   x   x
  ExportEvents                 x   x   x   x  x  x   x    x   x    x   x   x   x

FollowService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateFollow                 .   x   x   x  x  x   x    x   x    x   x   .   .
  DeleteFollow                 .   x   x   x  x  x   x    x   x    x   x   .   .
  ListFollows                  .   x   x   x  x  x   x    x   x    x   x   .   .

NewsletterIssueService        PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateIssue                  .   .   .   .  .  .   x    .   .    .   .   .   .
  UpdateIssue                  .   .   .   .  .  .   x    .   .    .   .   .   .
  ComposeIssue                 .   .   .   .  .  .   x    .   .    .   .   .   .
  GetIssue                     x   x   x   x  x  x   x    x   x    x   x   x   x
  ListIssues                   x   x   x   x  x  x   x    x   x    x   x   x   x
  PreviewIssue                 .   .   .   .  .  .   x    .   .    x   .   .   .
  SendTestIssue                .   .   .   .  .  .   x    .   .    .   .   .   .
  RequestIssueApproval         .   .   .   .  .  .   x    .   .    .   .   .   .
  ApproveIssue                 .   .   .   .  .  .   x    .   .    x   .   .   .
  ReturnIssue                  .   .   .   .  .  .   x    .   .    x   .   .   .
  SendIssue                    .   .   .   .  .  .   x    .   .    x   .   .   .
  PauseIssue                   .   .   .   .  .  .   x    .   .    x   .   .   .
  ResumeIssue                  .   .   .   .  .  .   x    .   .    x   .   .   .
  CancelIssue                  .   .   .   .  .  .   x    .   .    x   .   .   .
  GetIssueStatus               .   .   .   .  .  .   x    .   .    x   .   .   .

NewsletterSubscriptionService PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  Subscribe                    x   x   x   x  x  x   x    x   x    x   x   x   x
  GetSubscription              x   x   x   x  x  x   x    x   x    x   x   x   x
  ConfirmSubscription          x   x   x   x  x  x   x    x   x    x   x   x   x
  UpdateSubscription           x   x   x   x  x  x   x    x   x    x   x   x   x
  Unsubscribe                  x   x   x   x  x  x   x    x   x    x   x   x   x
  EraseSubscription            x   x   x   x  x  x   x    x   x    x   x   x   x
  GetSubscriptionStatistics    .   .   .   .  .  x   x    .   .    x   .   .   .
  ReportBounce                 .   .   .   .  .  .   x    .   .    .   .   .   .

NewsletterTopicService        PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ListNewsletterTopics         x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateNewsletterTopic        .   .   .   .  .  .   x    .   .    .   .   .   .
  UpdateNewsletterTopic        .   .   .   .  .  .   x    .   .    .   .   .   .

NoticeService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ListNotices                  .   x   x   x  x  x   x    x   x    x   x   x   x
  GetNotice                    .   x   x   x  x  x   x    x   x    x   x   x   x
  GetNoticePreferences         .   x   x   x  x  x   x    x   x    x   x   x   x
  UpdateNoticePreferences      .   x   x   x  x  x   x    x   x    x   x   x   x
  ListNoticeTemplates          .   .   .   .  .  .   .    .   .    .   .   .   x
  ListNoticeDeliveries         .   .   .   .  .  .   .    .   .    .   .   .   x
  GetNoticeStatistics          .   .   .   .  .  .   .    .   .    .   .   .   x

EventDrawService              PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetEventDraw                 x   x   x   x  x  x   x    x   x    x   x   x   x
  ListEventDrawTickets         x   x   x   x  x  x   x    x   x    x   x   x   x
  VerifyEventDraw              x   x   x   x  x  x   x    x   x    x   x   x   x

HoursService                  PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  LogHours                     .   x   x   x  x  x   .    x   .    .   x   .   .
  ConfirmHours                 .   .   .   x  x  x   .    x   .    .   x   .   .
  ReturnHours                  .   .   .   x  x  x   .    x   .    .   x   .   .
  GetHours                     .   x   x   x  x  x   .    x   .    .   x   .   .
  ListHours                    .   x   x   x  x  x   .    x   .    .   x   .   .

OpportunityService            PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateOpportunity            .   .   .   x  x  x   x    x   .    .   x   .   .
  UpdateOpportunity            .   .   .   x  x  x   x    x   .    .   x   .   .
  GetOpportunity               x   x   x   x  x  x   x    x   x    x   x   x   x
  ListOpportunities            x   x   x   x  x  x   x    x   x    x   x   x   x
  RequestOpportunityApproval   .   .   .   x  x  x   x    x   .    .   x   .   .
  ApproveOpportunity           .   .   .   .  .  .   x    x   .    x   .   .   .
  ReturnOpportunity            .   .   .   .  .  .   x    x   .    x   .   .   .
  PublishOpportunity           .   .   .   .  .  x   x    x   .    x   x   .   .
  CancelOpportunity            .   .   .   x  x  x   x    x   .    .   x   .   .
  WithdrawOpportunity          .   .   .   x  x  x   x    x   .    .   x   .   .
  ConfirmOpportunityCredit     .   .   .   .  x  .   .    .   .    .   .   .   .
  ListOpportunityRevisions     .   .   x   x  x  x   x    x   .    x   x   .   .
  InviteEarlierVolunteers      .   .   .   x  x  x   .    x   .    .   x   .   .
  GetUnmetDemand               .   .   .   .  .  x   x    .   .    .   .   .   .

RegistrationService           PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateRegistration           x   x   x   x  x  x   x    x   x    x   x   x   x
  GetRegistration              .   .   .   x  x  x   x    x   .    .   x   .   .
  ListRegistrations            .   .   .   x  x  x   x    x   .    .   x   .   .
  AdmitRegistration            .   .   .   x  x  x   x    x   .    .   x   .   .
  CancelRegistration           .   x   x   x  x  x   x    x   .    .   x   .   .
  GetRegistrationLink          x   x   x   x  x  x   x    x   x    x   x   x   x
  ConfirmRegistration          x   x   x   x  x  x   x    x   x    x   x   x   x
  CancelRegistrationByLink     x   x   x   x  x  x   x    x   x    x   x   x   x

SearchService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  Search                       x   x   x   x  x  x   x    x   x    x   x   x   x

ShiftService                  PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateShift                  .   .   .   x  x  x   x    x   .    .   x   .   .
  UpdateShift                  .   .   .   x  x  x   x    x   .    .   x   .   .
  CancelShift                  .   .   .   x  x  x   x    x   .    .   x   .   .
  GetShift                     x   x   x   x  x  x   x    x   x    x   x   x   x
  ListShifts                   x   x   x   x  x  x   x    x   x    x   x   x   x

SourceService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateSource                 .   .   .   .  .  .   x    x   .    .   .   .   .
  UpdateSource                 .   .   .   .  .  .   x    x   .    .   .   .   .
  DeleteSource                 .   .   .   .  .  .   x    x   .    .   .   .   .
  GetSource                    x   x   x   x  x  x   x    x   x    x   x   x   x
  ListSources                  x   x   x   x  x  x   x    x   x    x   x   x   x
  ReleaseSource                .   .   .   .  .  .   x    .   .    .   .   .   .
  PauseSource                  .   .   .   .  .  .   x    x   .    .   .   .   .
  ResumeSource                 .   .   .   .  .  .   x    x   .    .   .   .   .
  GetItem                      x   x   x   x  x  x   x    x   x    x   x   x   x
  ListItems                    x   x   x   x  x  x   x    x   x    x   x   x   x
  HideItem                     .   .   .   .  .  .   x    .   .    .   .   .   .
  ShowItem                     .   .   .   .  .  .   x    .   .    .   .   .   .

SponsorshipService            PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateSponsorship            .   .   .   .  x  .   x    .   .    .   .   .   .
  UpdateSponsorship            .   .   .   .  x  .   x    .   .    .   .   .   .
  GetSponsorship               .   .   x   x  x  x   x    .   .    x   .   .   .
  ListSponsorships             .   .   x   x  x  x   x    .   .    x   .   .   .
  AssignSponsorship            .   .   .   .  .  .   x    .   .    .   .   .   .
  DraftSponsorshipDecision     .   .   .   .  .  x   x    .   .    .   .   .   .
  DecideSponsorship            .   .   .   .  .  .   .    .   .    x   .   .   .
  ReturnSponsorshipDecision    .   .   .   .  .  .   .    .   .    x   .   .   .
  ReportSponsorship            .   .   .   .  x  .   x    .   .    .   .   .   .
  WithdrawSponsorship          .   .   .   .  x  .   x    .   .    .   .   .   .
  GetSponsorshipLetter         .   .   x   x  x  x   x    .   .    x   .   .   .
  GetSponsorshipPage           .   .   x   x  x  x   x    .   .    x   .   .   .
`
