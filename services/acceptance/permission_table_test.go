package acceptance

// permissionTable says who may call which RPC, as written down by hand from the
// permission table of the design. A cell is about the function alone: a role
// that the design allows "own", "dep", "asg", "del", "beh" or "rsn" is admitted
// here, and the object decides. "x" is admitted, "." is denied before any
// look-up. Nobody outside may call what only services call.
//
// Columns: PUB visitor, RES resident, VIEW viewer (reads what PM reads), PM
// editor, PA representative, WS staff of a department, DESK general desk, INT
// coordinator of an intermediary, EVAL reviewer, APPR approver, FM facility
// clerk, AUD auditor, SYS administrator.
const permissionTable = directoryRights + exchangeRights + proposalsRights + evaluationRights + facilitiesRights + outreachRights + trainingRights

const directoryRights = `
AuditService                  PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ListAuditEntries             .   .   .   .  .  x   x    .   .    .   x   x   x
  VerifyAuditChain             x   x   x   x  x  x   x    x   x    x   x   x   x

DeadLetterService             PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ListDeadLetters              .   .   .   .  .  .   .    .   .    .   .   .   x
  RedriveDeadLetters           .   .   .   .  .  .   .    .   .    .   .   .   x

OrganizationService           PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateOrganization           .   x   x   x  x  .   x    x   .    .   .   .   .
  GetOrganization              x   x   x   x  x  x   x    x   x    x   x   x   x
  UpdateOrganization           .   .   .   x  x  .   x    x   .    .   .   .   .
  ListOrganizations            x   x   x   x  x  x   x    x   x    x   x   x   x
  SearchOrganizations          x   x   x   x  x  x   x    x   x    x   x   x   x
  SubmitOrganization           .   .   .   .  x  .   x    .   .    .   .   .   .
  VerifyOrganization           .   .   .   .  .  .   x    .   .    .   .   .   .
  ReturnOrganization           .   .   .   .  .  .   x    .   .    .   .   .   .
  RequestRenewal               .   .   .   .  x  .   .    .   .    .   .   .   .
  RenewOrganization            .   .   .   .  .  .   x    .   .    .   .   .   .
  SuspendOrganization          .   .   .   .  .  .   x    .   .    .   .   .   .
  LiftSuspension               .   .   .   .  .  .   x    .   .    .   .   .   .
  ConfirmOrganizationCurrent   .   .   .   .  x  .   .    .   .    .   .   .   .
  CloseOrganization            .   .   .   .  x  .   x    .   .    .   .   .   .
  MergeOrganization            .   .   .   .  .  .   x    .   .    .   .   .   .
  FindDuplicates               .   .   .   .  .  .   x    .   .    .   .   .   .
  ExportOrganizations          x   x   x   x  x  x   x    x   x    x   x   x   x
  ListActivityFields           x   x   x   x  x  x   x    x   x    x   x   x   x
  ListLegalForms               x   x   x   x  x  x   x    x   x    x   x   x   x
  BatchGetOrganizations        services: proposals evaluation outreach facilities gateway

OrganizationImportService     PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ImportOrganizations          .   .   .   .  .  .   x    .   .    .   .   .   .

RegistrationDocumentService   PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  UploadRegistrationDocument   .   .   .   .  x  .   x    .   .    .   .   .   .
  ListRegistrationDocuments    .   .   .   .  x  .   x    .   .    .   .   .   .
  GetRegistrationDocument      .   .   .   .  x  .   x    .   .    .   .   .   .
  DownloadRegistrationDocument .   .   .   .  x  .   x    .   .    .   .   .   .
  DeleteRegistrationDocument   .   .   .   .  x  .   x    .   .    .   .   .   .
  GetDocumentChecklist         .   .   .   .  x  .   x    .   .    .   .   .   .
  ListDocumentRequirements     x   x   x   x  x  x   x    x   x    x   x   x   x
  SetDocumentRequirement       .   .   .   .  .  .   x    .   .    .   .   .   .

MemberService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  InviteMember                 .   .   .   .  x  .   x    .   .    .   .   .   .
  AcceptInvitation             .   x   x   x  x  .   .    x   .    .   .   .   .
  GetMember                    .   .   x   x  x  .   x    .   .    .   .   .   .
  ListMembers                  .   .   x   x  x  .   x    .   .    .   .   .   .
  UpdateMember                 .   .   .   .  x  .   x    .   .    .   .   .   .
  RemoveMember                 .   .   x   x  x  .   x    x   .    .   .   .   .
  ListInvitations              .   x   x   x  x  .   .    x   .    .   .   .   .

DelegationService             PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GrantDelegation              .   .   .   .  x  .   .    .   .    .   .   .   .
  RevokeDelegation             .   .   .   .  x  .   x    x   .    .   .   .   .
  GetDelegation                .   .   x   x  x  .   x    x   .    .   .   .   .
  ListDelegations              .   .   x   x  x  .   x    x   .    .   .   .   .
  ListOwnDelegations           .   .   x   x  x  .   x    x   .    .   .   .   .

RecipientService              PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  BatchGetRecipients           services: outreach

TaskService                   PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ListTasks                    .   x   x   x  x  x   x    x   x    x   x   x   x

DepartmentService             PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateDepartment             .   .   .   .  .  .   .    .   .    .   .   .   x
  GetDepartment                x   x   x   x  x  x   x    x   x    x   x   x   x
  ListDepartments              x   x   x   x  x  x   x    x   x    x   x   x   x
  UpdateDepartment             .   .   .   .  .  .   .    .   .    .   .   .   x
  SucceedDepartment            .   .   .   .  .  .   .    .   .    .   .   .   x
  AssignStaff                  .   .   .   .  .  .   .    .   .    .   .   .   x
  ListStaff                    .   .   .   .  .  .   .    .   .    .   .   .   x
  RemoveStaff                  .   .   .   .  .  .   .    .   .    .   .   .   x
  BatchGetDepartments          services: proposals evaluation outreach facilities gateway

ReviewerService
  ListReviewers                .   .   .   .  .  .   x    .   .    .   .   .   .
  BatchGetReviewers            services: proposals

PrincipalService
  ResolvePrincipal             services: gateway
  ResolveMemberships           services: facilities
  CreateSession                services: gateway
  ResolveSession               services: gateway
  RevokeSession                services: gateway
`

const proposalsRights = `
CallService                   PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateCall                   .   .   .   .  .  .   x    .   .    .   .   .   .
  UpdateCall                   .   .   .   .  .  .   x    .   .    .   .   .   .
  GetCall                      x   x   x   x  x  x   x    x   x    x   x   x   x
  ListCalls                    x   x   x   x  x  x   x    x   x    x   x   x   x
  PublishCall                  .   .   .   .  .  .   x    .   .    .   .   .   .
  ExtendCall                   .   .   .   .  .  .   x    .   .    .   .   .   .
  CloseCall                    .   .   .   .  .  .   x    .   .    .   .   .   .
  ConcludeCall                 .   .   .   .  .  .   x    .   .    .   .   .   .
  ReleaseDecisions             .   .   .   .  .  .   x    .   .    .   .   .   .
  ListCallProgress             x   x   x   x  x  x   x    x   x    x   x   x   x

ProposalService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateProposal               .   .   .   x  x  .   x    x   .    .   .   .   .
  UpdateProposal               .   .   .   x  x  .   x    x   .    .   .   .   .
  GetProposal                  x   x   x   x  x  x   x    x   x    x   x   x   x
  ListProposals                x   x   x   x  x  x   x    x   x    x   x   x   x
  SubmitProposal               .   .   .   .  x  .   x    .   .    .   .   .   .
  WithdrawProposal             .   .   .   .  x  .   x    .   .    .   .   .   .
  AcceptProposal               .   .   .   .  .  .   x    .   .    .   .   .   .
  ReturnProposal               .   .   .   .  .  x   x    .   .    .   .   .   .
  ResubmitProposal             .   .   .   .  x  .   x    .   .    .   .   .   .
  LeaveProposal                .   .   .   .  x  .   .    .   .    .   .   .   .
  AssignDepartments            .   .   .   .  .  .   x    .   .    .   .   .   .
  RespondToAssignment          .   .   .   .  .  x   .    .   .    .   .   .   .
  StartReview                  .   .   .   .  .  .   x    .   .    .   .   .   .
  Negotiate                    .   .   .   .  .  x   .    .   .    .   .   .   .
  DraftDecision                .   .   .   .  .  x   .    .   .    .   .   .   .
  ApproveDecision              .   .   .   .  .  .   .    .   .    x   .   .   .
  ReturnDecision               .   .   .   .  .  .   .    .   .    x   .   .   .
  ConfirmConditions            .   .   .   .  .  x   .    .   .    .   .   .   .
  ReproposeProposal            .   .   .   .  x  .   .    .   .    .   .   .   .
  ListRevisions                .   .   x   x  x  x   x    x   x    x   .   .   .
  GetRevision                  .   .   x   x  x  x   x    x   x    x   .   .   .
  CompareRevisions             .   .   x   x  x  x   x    x   x    x   .   .   .

ProgressService               PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ListProgress                 x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateProgressEntry          .   .   .   .  .  x   x    .   .    .   .   .   .
  ApproveProgressEntry         .   .   .   .  .  x   x    .   .    x   .   .   .
  CreateLogEntry               .   .   .   x  x  x   x    x   .    .   .   .   .
  ListLogEntries               .   .   x   x  x  x   x    x   x    x   .   .   .

AttachmentService             PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  UploadAttachment             .   .   .   x  x  .   x    x   .    .   .   .   .
  ListAttachments              .   .   x   x  x  x   x    x   x    x   .   .   .
  GetAttachment                .   .   x   x  x  x   x    x   x    x   .   .   .
  DownloadAttachment           .   .   x   x  x  x   x    x   x    x   .   .   .
  DeleteAttachment             .   .   .   x  x  .   x    x   .    .   .   .   .

StatisticsService             PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetCallStatistics            x   x   x   x  x  x   x    x   x    x   x   x   x
  GetProposalStatistics        x   x   x   x  x  x   x    x   x    x   x   x   x

SchemeSurveyService           PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  ReplySchemeSurvey            .   .   .   x  x  .   .    .   .    .   .   .   .
  GetSchemeSurvey              x   x   x   x  x  x   x    x   x    x   x   x   x
  ListSchemeSurveyTexts        .   .   .   .  .  x   x    .   .    x   .   .   .

ChallengeService              PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateChallenge              .   .   .   .  .  x   x    .   .    .   .   .   .
  UpdateChallenge              .   .   .   .  .  x   x    .   .    .   .   .   .
  GetChallenge                 x   x   x   x  x  x   x    x   x    x   x   x   x
  ListChallenges               x   x   x   x  x  x   x    x   x    x   x   x   x
  PublishChallenge             .   .   .   .  .  x   x    .   .    .   .   .   .
  CloseChallenge               .   .   .   .  .  x   x    .   .    .   .   .   .
  CreateContribution           .   .   .   x  x  .   .    x   .    .   .   .   .
  GetContribution              x   x   x   x  x  x   x    x   x    x   x   x   x
  ListContributions            x   x   x   x  x  x   x    x   x    x   x   x   x
  AnswerContribution           .   .   .   .  .  x   x    .   .    .   .   .   .
  ConvertContribution          .   .   .   x  x  x   x    x   .    .   .   .   .

ConsultationService           PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateConsultation           x   x   x   x  x  x   x    x   x    x   x   x   x
  LookupConsultation           x   x   x   x  x  x   x    x   x    x   x   x   x
  GetConsultation              x   x   x   x  x  x   x    x   x    x   x   x   x
  GetConsultationAsker         .   .   .   .  .  x   x    .   .    .   .   .   .
  ListConsultations            .   .   .   .  .  x   x    .   .    .   .   .   .
  ListOwnConsultations         .   x   x   x  x  .   .    x   .    .   .   .   .
  RouteConsultation            .   .   .   .  .  x   x    .   .    .   .   .   .
  ReferConsultation            .   .   .   .  .  .   x    .   .    .   .   .   .
  StartConsultation            .   .   .   .  .  x   x    .   .    .   .   .   .
  ReplyConsultation            .   .   .   .  .  x   x    .   .    .   .   .   .
  NoteConsultation             .   .   .   .  .  x   x    .   .    .   .   .   .
  CloseConsultation            .   .   .   .  .  x   x    .   .    .   .   .   .
  ReopenConsultation           x   x   x   x  x  x   x    x   x    x   x   x   x
  ConvertConsultation          .   .   .   .  .  .   x    .   .    .   .   .   .
  PromoteToFaq                 .   .   .   .  .  .   x    .   .    .   .   .   .
  GetConsultationStatistics    x   x   x   x  x  x   x    x   x    x   x   x   x
  CreateReplyTemplate          .   .   .   .  .  .   x    .   .    .   .   .   .
  GetReplyTemplate             .   .   .   .  .  x   x    .   .    .   .   .   .
  ListReplyTemplates           .   .   .   .  .  x   x    .   .    .   .   .   .
  UpdateReplyTemplate          .   .   .   .  .  .   x    .   .    .   .   .   .
  DeleteReplyTemplate          .   .   .   .  .  .   x    .   .    .   .   .   .

FaqService                    PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  GetFaq                       x   x   x   x  x  x   x    x   x    x   x   x   x
  ListFaqs                     x   x   x   x  x  x   x    x   x    x   x   x   x
  UpdateFaq                    .   .   .   .  .  .   x    .   .    .   .   .   .

MeetingService                PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateMeeting                .   .   .   .  .  x   x    .   .    .   .   .   .
  UpdateMeeting                .   .   .   .  .  x   x    .   .    .   .   .   .
  GetMeeting                   x   x   x   x  x  x   x    x   x    x   x   x   x
  ListMeetings                 x   x   x   x  x  x   x    x   x    x   x   x   x
  RecordMinutes                .   .   .   x  x  x   x    x   .    .   .   .   .
  ConfirmMinutes               .   .   .   .  x  x   x    .   .    .   .   .   .
  PublishMeeting               .   .   .   .  .  x   x    .   .    .   .   .   .
  ListUnownedProposals         .   .   .   .  .  .   x    .   .    .   .   .   .

ReviewService                 PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateReviewPhase            .   .   .   .  .  .   x    .   .    .   .   .   .
  GetReviewPhase               .   .   .   .  .  x   x    .   x    x   .   .   .
  ListReviewPhases             .   .   .   .  .  x   x    .   x    x   .   .   .
  CloseReviewPhase             .   .   .   .  .  .   x    .   .    .   .   .   .
  SchedulePresentations        .   .   .   .  .  .   x    .   .    .   .   .   .
  ListPresentations            x   x   x   x  x  x   x    x   x    x   x   x   x
  ListReviewResults            .   .   .   .  .  .   x    .   x    x   .   .   .
  AssignReview                 .   .   .   .  .  .   x    .   .    .   .   .   .
  DistributeReviews            .   .   .   .  .  .   x    .   .    .   .   .   .
  GetReview                    .   .   .   .  .  x   x    .   x    .   .   .   .
  ListReviews                  .   .   .   .  .  .   x    .   x    .   .   .   .
  SaveReview                   .   .   .   .  .  .   .    .   x    .   .   .   .
  SubmitReview                 .   .   .   .  .  .   .    .   x    .   .   .   .
  RecuseReview                 .   .   .   .  .  x   x    .   x    .   .   .   .
  GetReviewSummary             x   x   x   x  x  x   x    x   x    x   x   x   x
`
