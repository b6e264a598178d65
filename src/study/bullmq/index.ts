export { type DistributeOptions, distributeTrials } from './distributeTrials.js';
export type { RemoteObjective, RemoteTrialContext } from './remoteObjective.js';
export { type WorkOptions, workOnTrials } from './workOnTrials.js';
