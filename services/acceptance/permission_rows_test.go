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
  SimulateBooking              .   .   .   .  .  .   x    .   .    x   x   .   .
  GetBookingCalendar           .   x   x   x  x  .   x    x   .    x   x   .   .
  GetOwnCalendar               .   x   x   x  x  .   .    x   .    .   .   .   .

CalendarService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetRoomCalendar              x   x   x   x  x  x   x    x   x    x   x   x   x
  GetCalendarLink              .   x   x   x  x  .   .    x   .    .   .   .   .
  RenewCalendarLink            .   x   x   x  x  .   .    x   .    .   .   .   .
  DeleteCalendarLink           .   x   x   x  x  .   .    x   .    .   .   .   .
  GetLinkedCalendar            x   x   x   x  x  x   x    x   x    x   x   x   x

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
