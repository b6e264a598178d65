// The public names of stridenet/moderation: what may be shown, what may not, and what people look at. For Node.
export { type Agreement, agreement, agreementOf } from './agreement.js';
export { type Action, type Decided, decide, type Scores } from './decide.js';
export { HashList, type HashMatch } from './hashList.js';
export {
  type LabeledScores,
  type LearnedPolicy,
  type LearnPolicyOptions,
  learnPolicy,
  type MissRate,
} from './learnPolicy.js';
export { modelDigest } from './modelDigest.js';
export {
  type Decision,
  labelMembers,
  Moderator,
  type ModeratorOptions,
  needsReview,
  type Reason,
  scoreOf,
} from './moderator.js';
export { checkPolicy, type LabelPolicy, type Policy } from './policy.js';
export type { JobQueue, Topics } from './queue/jobQueue.js';
export { type OpenQueueOptions, openQueue } from './queue/openQueue.js';
export { type QueueWorkOptions, recordFromQueue, sendWaiting, workOnQueue } from './queue/overQueue.js';
export { type Replayed, replay } from './replay.js';
export { type ReviewServer, type ServeReviewsOptions, serveReviews } from './review/reviewServer.js';
export type { Database } from './store/database.js';
export {
  type DecisionRecord,
  type ItemState,
  type ReviewItem,
  ReviewStore,
  type StoredItem,
  type Verdict,
} from './store/reviewStore.js';
export type { Thresholds } from './thresholds.js';
export { type WorkThroughOptions, workThrough } from './workThrough.js';
