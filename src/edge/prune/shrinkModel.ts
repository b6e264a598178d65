import type { Module } from '../../layers/module.js';
import type { Channels } from './channelGroups.js';
import { type Kept, shrinkModule } from './shrink.js';

export function shrinkModel<M extends Module>(model: M, channels: Channels, kept: Kept): M {
  return shrinkModule(model, channels, kept);
}
