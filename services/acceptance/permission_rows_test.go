package acceptance

// The rows of the younger services; the columns are those of permissionTable.

const exchangeRights = `
ListingService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateListing                .   .   .   x  x  x   x    x   .    .   x   .   .
  UpdateListing                .   .   .   x  x  x   x    x   .    .   x   .   .
  GetListing                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListListings                 x   x   x   x  x  x   x    x   x    x   x   x   x
  SearchListings               x   x   x   x  x  x   x    x   x    x   x   x   x
  SubmitListing                .   .   .   x  x  x   x    x   .    .   x   .   .
  ReturnListing                .   .   .   .  .  x   x    x   .    .   .   .   .
  PublishListing               .   .   .   .  .  x   x    x   .    .   .   .   .
  CloseListing                 .   .   .   x  x  x   x    x   .    .   x   .   .
  SuggestListings              x   x   x   x  x  x   x    x   x    x   x   x   x

IntroductionService           PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateIntroduction           .   .   .   x  x  x   x    x   .    .   x   .   .
  GetIntroduction              .   .   x   x  x  x   x    x   .    .   x   .   .
  GetIntroductionContacts      .   .   .   x  x  x   .    x   .    .   x   .   .
  ListIntroductions            .   .   x   x  x  x   x    x   .    .   x   .   .
  ListOwnIntroductions         .   .   x   x  x  x   x    x   .    .   x   .   .
  AcceptIntroduction           .   .   .   x  x  x   .    x   .    .   x   .   .
  DeclineIntroduction          .   .   .   x  x  x   x    x   .    .   x   .   .
  RecordIntroductionOutcome    .   .   .   x  x  x   x    x   .    .   x   .   .

ReferralService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateReferral               .   .   .   .  .  .   x    .   .    .   .   .   .
  GetReferral                  .   .   .   .  .  .   x    x   .    .   .   .   .
  GetReferralContact           .   .   .   .  .  .   .    x   .    .   .   .   .
  ListReferrals                .   .   .   .  .  .   x    x   .    .   .   .   .
  AcceptReferral               .   .   .   .  .  .   .    x   .    .   .   .   .
  DeclineReferral              .   .   .   .  .  .   .    x   .    .   .   .   .
  ReportReferral               .   .   .   .  .  .   .    x   .    .   .   .   .
  WithdrawReferral             .   .   .   .  .  .   x    .   .    .   .   .   .
`

const evaluationRights = `
AgreementService              PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  DraftAgreement               .   .   .   x  x  x   x    x   .    .   .   .   .
  UpdateAgreement              .   .   .   x  x  x   x    x   .    .   .   .   .
  GetAgreement                 x   x   x   x  x  x   x    x   x    x   x   x   x
  ListAgreementVersions        x   x   x   x  x  x   x    x   x    x   x   x   x
  SignAgreement                .   .   .   .  x  .   .    .   .    x   .   .   .
  GetAgreementPage             x   x   x   x  x  x   x    x   x    x   x   x   x
  GetAgreementPdf              x   x   x   x  x  x   x    x   x    x   x   x   x

EvaluationReportService       PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetEvaluationReport          x   x   x   x  x  x   x    x   x    x   x   x   x
  ListEvaluationReportVersions x   x   x   x  x  x   x    x   x    x   x   x   x
  GetEvaluationReportPage      x   x   x   x  x  x   x    x   x    x   x   x   x
  GetEvaluationReportCsv       x   x   x   x  x  x   x    x   x    x   x   x   x
  GetEvaluationReportPdf       x   x   x   x  x  x   x    x   x    x   x   x   x

EvaluationService             PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateEvaluation             .   .   .   .  .  x   x    .   .    .   .   .   .
  OpenEvaluation               .   .   .   .  .  x   x    .   .    .   .   .   .
  GetEvaluation                x   x   x   x  x  x   x    x   x    x   x   x   x
  ListEvaluations              x   x   x   x  x  x   x    x   x    x   x   x   x
  GetSheet                     .   .   x   x  x  x   x    .   x    x   .   .   .
  UpdateSheet                  .   .   .   x  x  x   .    .   .    .   .   .   .
  SubmitSheet                  .   .   .   .  x  x   .    .   .    x   .   .   .
  CorrectSheet                 .   .   .   .  x  x   .    .   .    x   .   .   .
  GetComparison                .   .   x   x  x  x   x    .   x    x   .   .   .
  RecordDiscussion             .   .   .   x  x  x   x    .   .    .   .   .   .
  AgreeEvaluation              .   .   .   .  x  .   .    .   .    x   .   .   .
  AssignCommentators           .   .   .   .  .  .   x    .   .    .   .   .   .
  CommentEvaluation            .   .   .   .  .  .   .    .   x    .   .   .   .
  PublishEvaluation            .   .   .   .  .  .   x    .   .    x   .   .   .
  CorrectEvaluationReport      .   .   .   .  .  .   x    .   .    x   .   .   .
  ListEvaluationTemplates      x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateEvaluationTemplate     .   .   .   .  .  .   x    .   .    .   .   .   .

EvaluationStatisticsService   PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetEvaluationStatistics      x   x   x   x  x  x   x    x   x    x   x   x   x

ImprovementService            PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetImprovement               x   x   x   x  x  x   x    x   x    x   x   x   x
  ListImprovements             x   x   x   x  x  x   x    x   x    x   x   x   x
  UpdateImprovement            .   .   .   x  x  x   x    .   .    .   .   .   .
  CloseImprovement             .   .   .   .  .  x   x    .   .    .   .   .   .

ProjectService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateProject                .   .   .   .  .  .   x    .   .    .   .   .   .
  UpdateProject                .   .   .   x  x  x   x    x   .    .   .   .   .
  GetProject                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListProjects                 x   x   x   x  x  x   x    x   x    x   x   x   x
  BatchGetProjects            services: outreach proposals gateway
  StartProject                 .   .   .   .  .  x   x    .   .    .   .   .   .
  CompleteProject              .   .   .   .  .  x   x    .   .    .   .   .   .
  TerminateProject             .   .   .   .  x  x   x    .   .    .   .   .   .
  CloseProject                 .   .   .   .  .  .   x    .   .    .   .   .   .
  ListMilestones               x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateMilestone              .   .   .   x  x  x   x    x   .    .   .   .   .
  UpdateMilestone              .   .   .   x  x  x   x    x   .    .   .   .   .
  ListProjectProgress          x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateProjectProgress        .   .   .   x  x  x   x    x   .    .   .   .   .
  ApproveProjectProgress       .   .   .   .  .  x   x    .   .    x   .   .   .
  FileReport                   .   .   .   x  x  x   x    x   .    .   .   .   .
  GetReport                    x   x   x   x  x  x   x    x   x    x   x   x   x
  ListReports                  x   x   x   x  x  x   x    x   x    x   x   x   x
  RequestChange                .   .   .   x  x  x   x    x   .    .   .   .   .
  GetChange                    .   .   x   x  x  x   x    x   .    x   .   .   .
  ListChanges                  .   .   x   x  x  x   x    x   .    x   .   .   .
  AcceptChange                 .   .   .   .  x  x   x    .   .    .   .   .   .
  DeclineChange                .   .   .   .  x  x   x    .   .    .   .   .   .
  WithdrawChange               .   .   .   x  x  x   x    x   .    .   .   .   .
  ListCollaborationForms       x   x   x   x  x  x   x    x   x    x   x   x   x

ProjectAttachmentService      PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  UploadProjectAttachment      .   .   .   x  x  x   x    x   .    .   .   .   .
  ListProjectAttachments       x   x   x   x  x  x   x    x   x    x   x   x   x
  GetProjectAttachment         x   x   x   x  x  x   x    x   x    x   x   x   x
  DownloadProjectAttachment    x   x   x   x  x  x   x    x   x    x   x   x   x
  PublishProjectAttachment     .   .   .   .  .  x   x    .   .    x   .   .   .
  DeleteProjectAttachment      .   .   .   x  x  x   x    x   .    .   .   .   .

RulebookService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateRulebookVersion        .   .   .   .  .  .   x    .   .    .   .   .   .
  UpdateRulebookVersion        .   .   .   .  .  .   x    .   .    .   .   .   .
  GetRulebookVersion           x   x   x   x  x  x   x    x   x    x   x   x   x
  ListRulebookVersions         x   x   x   x  x  x   x    x   x    x   x   x   x
  CompareRulebookVersions      x   x   x   x  x  x   x    x   x    x   x   x   x
  OpenRulebookComments         .   .   .   .  .  .   x    .   .    .   .   .   .
  CloseRulebookComments        .   .   .   .  .  .   x    .   .    .   .   .   .
  AdoptRulebookVersion         .   .   .   .  .  .   x    .   .    x   .   .   .
  CreateRulebookComment        .   .   .   x  x  .   .    x   .    .   .   .   .
  ListRulebookComments         x   x   x   x  x  x   x    x   x    x   x   x   x
  AnswerRulebookComment        .   .   .   .  .  .   x    .   .    .   .   .   .

SurveyService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateSurvey                 .   .   .   x  x  x   x    .   .    .   .   .   .
  IssueSurveyLinks             .   .   .   x  x  x   x    .   .    .   .   .   .
  CloseSurvey                  .   .   .   x  x  x   x    .   .    .   .   .   .
  GetSurvey                    .   .   x   x  x  x   x    .   x    x   .   .   .
  ListSurveyTexts              .   .   x   x  x  x   x    .   x    x   .   .   .
  GetSurveyForm                x   x   x   x  x  x   x    x   x    x   x   x   x
  AnswerSurvey                 x   x   x   x  x  x   x    x   x    x   x   x   x

TrailService                  PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetTrail                     x   x   x   x  x  x   x    x   x    x   x   x   x
`

const facilitiesRights = `
ApprovalDocumentService       PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetApprovalDocument          .   x   x   x  x  .   x    x   .    x   x   .   .

AvailabilityService           PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetAvailability              x   x   x   x  x  x   x    x   x    x   x   x   x

BookingService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateBooking                .   x   x   x  x  .   x    x   .    .   x   .   .
  CreateBookingSeries          .   x   x   x  x  .   x    x   .    .   x   .   .
  GetBooking                   .   x   x   x  x  .   x    x   .    x   x   .   .
  ListBookings                 .   x   x   x  x  .   x    x   .    x   x   .   .
  ApproveBooking               .   .   .   .  .  .   .    .   .    x   x   .   .
  RequestInformation           .   .   .   .  .  .   x    .   .    .   x   .   .
  AnswerInformation            .   x   x   x  x  .   x    x   .    .   x   .   .
  RejectBooking                .   .   .   .  .  .   .    .   .    x   x   .   .
  CancelBooking                .   x   x   x  x  .   x    x   .    .   x   .   .
  AmendBooking                 .   x   x   x  x  .   x    x   .    .   x   .   .
  CheckInBooking               .   .   .   .  .  .   x    .   .    .   x   .   .
  RecordNoShow                 .   .   .   .  .  .   x    .   .    .   x   .   .
  RecordPayment                .   .   .   .  .  .   x    .   .    .   x   .   .
  RecordRefund                 .   .   .   .  .  .   x    .   .    .   x   .   .
  ReduceFee                    .   .   .   .  .  .   x    .   .    .   x   .   .
  DecideReduction              .   .   .   .  .  .   .    .   .    x   .   .   .
  GetBookingCalendar           .   x   x   x  x  .   x    x   .    x   x   .   .
  GetOwnCalendar               .   x   x   x  x  .   .    x   .    .   .   .   .

CalendarService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetRoomCalendar              x   x   x   x  x  x   x    x   x    x   x   x   x

FacilityService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateFacility               .   .   .   .  .  .   .    .   .    .   x   .   .
  UpdateFacility               .   .   .   .  .  .   .    .   .    .   x   .   .
  ApproveFacility              .   .   .   .  .  .   .    .   .    x   .   .   .
  GetFacility                  x   x   x   x  x  x   x    x   x    x   x   x   x
  ListFacilities               x   x   x   x  x  x   x    x   x    x   x   x   x
  ExportFacilities             x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateRoom                   .   .   .   .  .  .   .    .   .    .   x   .   .
  UpdateRoom                   .   .   .   .  .  .   .    .   .    .   x   .   .
  ApproveRoom                  .   .   .   .  .  .   .    .   .    x   .   .   .
  GetRoom                      x   x   x   x  x  x   x    x   x    x   x   x   x
  ListRooms                    x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateClosure                .   .   .   .  .  .   .    .   .    .   x   .   .
  UpdateClosure                .   .   .   .  .  .   .    .   .    .   x   .   .
  ApproveClosure               .   .   .   .  .  .   .    .   .    x   .   .   .
  GetClosure                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListClosures                 x   x   x   x  x  x   x    x   x    x   x   x   x

LotteryService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateLottery                .   .   .   .  .  .   .    .   .    .   x   .   .
  GetLottery                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListLotteries                x   x   x   x  x  x   x    x   x    x   x   x   x
  EnterLottery                 .   x   x   x  x  .   x    x   .    .   x   .   .
  WithdrawLotteryEntry         .   x   x   x  x  .   x    x   .    .   x   .   .
  RecordEntropy                .   .   .   .  .  .   .    .   .    .   x   .   .
  DrawLottery                  .   .   .   .  .  .   .    .   .    .   x   .   .
  ConfirmLotteryEntry          .   x   x   x  x  .   .    x   .    .   .   .   .
  GetLotteryEntry              .   x   x   x  x  .   .    x   .    .   .   .   .
  ListLotteryEntries           .   x   x   x  x  .   .    x   .    .   .   .   .
  VerifyLottery                x   x   x   x  x  x   x    x   x    x   x   x   x

PenaltyService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  RecordPenalty                .   .   .   .  .  .   x    .   .    .   x   .   .
  AppealPenalty                .   x   x   x  x  .   .    x   .    .   .   .   .
  DecideAppeal                 .   .   .   .  .  .   x    .   .    x   x   .   .
  GetPenalty                   .   x   x   x  x  .   x    x   .    x   x   .   .
  ListPenalties                .   x   x   x  x  .   x    x   .    x   x   .   .

RuleService                   PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateSlotPattern            .   .   .   .  .  .   x    .   .    .   x   .   .
  CreateUserClass              .   .   .   .  .  .   x    .   .    .   x   .   .
  CreateOpeningRule            .   .   .   .  .  .   x    .   .    .   x   .   .
  CreateFee                    .   .   .   .  .  .   x    .   .    .   x   .   .
  CreatePenaltyRule            .   .   .   .  .  .   x    .   .    .   x   .   .
  UpdateRule                   .   .   .   .  .  .   x    .   .    .   x   .   .
  ApproveRule                  .   .   .   .  .  .   .    .   .    x   .   .   .
  GetRule                      x   x   x   x  x  x   x    x   x    x   x   x   x
  ListSlotPatterns             x   x   x   x  x  x   x    x   x    x   x   x   x
  ListUserClasses              x   x   x   x  x  x   x    x   x    x   x   x   x
  ListOpeningRules             x   x   x   x  x  x   x    x   x    x   x   x   x
  ListFees                     x   x   x   x  x  x   x    x   x    x   x   x   x
  ListPenaltyRules             x   x   x   x  x  x   x    x   x    x   x   x   x

WaitlistService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  JoinWaitlist                 .   x   x   x  x  .   .    x   .    .   .   .   .
  LeaveWaitlist                .   x   x   x  x  .   .    x   .    .   .   .   .
  AcceptWaitlistOffer          .   x   x   x  x  .   .    x   .    .   .   .   .
  GetWaitlistPlace             .   x   x   x  x  .   .    x   .    .   .   .   .
  ListWaitlistPlaces           .   x   x   x  x  .   .    x   .    .   .   .   .
  ListFreedSlots               x   x   x   x  x  x   x    x   x    x   x   x   x
`

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
  GetSubscriptionStatistics    .   .   .   .  .  x   x    .   .    .   .   .   .
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
