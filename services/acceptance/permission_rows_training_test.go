package acceptance

// The rows of the training of the staff; the columns are those of permissionTable.

const trainingRights = `
TrainingApplicationService    PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateTrainingApplication    .   .   .   .  .  x   x    .   .    x   x   .   .
  GetTrainingApplication       .   .   .   x  x  x   x    x   .    x   x   .   .
  ListTrainingApplications     .   .   .   x  x  x   x    x   .    x   x   .   .
  ApproveTrainingApplication   .   .   .   .  .  .   .    .   .    x   .   .   .
  DeclineTrainingApplication   .   .   .   .  .  .   .    .   .    x   .   .   .
  WithdrawTrainingApplication  .   .   .   .  .  x   x    .   .    x   x   .   .
  DeclareTrainingConflict      .   .   .   .  .  x   x    .   .    x   x   .   .

TrainingMatchingService       PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  CreateTrainingMatching       .   .   .   .  .  .   x    .   .    .   .   .   .
  RunTrainingMatching          .   .   .   .  .  .   x    .   .    .   .   .   .
  GetTrainingMatching          .   .   .   .  .  x   x    .   .    x   x   x   .
  ListTrainingMatchings        .   .   .   .  .  x   x    .   .    x   x   x   .
  VerifyTrainingMatching       .   .   .   .  .  x   x    .   .    x   x   x   .
  PlaceTrainingApplication     .   .   .   .  .  .   x    .   .    .   .   .   .

TrainingRecordService         PUB RES VIEW PM PA WS DESK INT EVAL APPR FM AUD SYS
  WriteTrainingDiary           .   .   .   .  .  x   x    .   .    x   x   .   .
  ListTrainingDiary            .   .   .   x  x  x   x    x   .    x   x   .   .
  GetTrainingRecord            .   .   .   x  x  x   x    x   .    x   x   .   .
  SubmitTrainingReport         .   .   .   .  .  x   x    .   .    x   x   .   .
  PublishTrainingSummary       .   .   .   .  .  .   x    .   .    x   .   .   .
  ReturnTrainingReport         .   .   .   .  .  .   x    .   .    x   .   .   .
  GiveTrainingFeedback         .   .   .   x  x  x   .    x   .    .   x   .   .
  FollowUpTraining             .   .   .   .  .  x   x    .   .    x   x   .   .
  ListTrainingSummaries        x   x   x   x  x  x   x    x   x    x   x   x   x
  GetTrainingStatistics        x   x   x   x  x  x   x    x   x    x   x   x   x
`
