import { describe, expect, test } from 'vitest';
import { readLaunchVariables } from '../../src/distributed/launchVariables.js';

describe('readLaunchVariables', () => {
  test.each([
    [
      'torchrun',
      { RANK: '1', WORLD_SIZE: '4', MASTER_ADDR: '10.0.0.1', MASTER_PORT: '1234' },
      [1, 4, '10.0.0.1', 1234],
    ],
    [
      'mpirun on one machine',
      { OMPI_COMM_WORLD_RANK: '3', OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_LOCAL_SIZE: '4' },
      [3, 4, '127.0.0.1', 29_500],
    ],
    ['MPICH', { PMI_RANK: '0', PMI_SIZE: '2', MASTER_ADDR: 'a' }, [0, 2, 'a', 29_500]],
    [
      'srun',
      { SLURM_PROCID: '5', SLURM_NTASKS: '8', SLURM_STEP_NODELIST: 'gpu[07-09,12],login', SLURM_JOB_ID: '70123' },
      [5, 8, 'gpu07', 29_623],
    ],
    ['srun on one node', { SLURM_PROCID: '0', SLURM_NTASKS: '2', SLURM_JOB_NODELIST: 'n1' }, [0, 2, 'n1', 29_500]],
    [
      'a Kubernetes Indexed Job',
      { JOB_COMPLETION_INDEX: '2', WORLD_SIZE: '4', MASTER_ADDR: 'train-0.train' },
      [2, 4, 'train-0.train', 29_500],
    ],
    ['nothing', {}, [0, 1, '127.0.0.1', 0]],
  ])('reads what %s sets', (_, env, [rank, size, host, port]) => {
    expect(readLaunchVariables(env)).toMatchObject({ rank, size, host, port });
  });

  test.each([
    [{ RANK: '4', WORLD_SIZE: '4' }, "RANK is '4', but must be a whole number from 0 to 3, because WORLD_SIZE is 4."],
    [{ RANK: 'x', WORLD_SIZE: '4' }, "RANK is 'x'"],
    [{ RANK: '1' }, 'RANK is 1, but WORLD_SIZE is not set.'],
    [{ WORLD_SIZE: '2' }, 'WORLD_SIZE is 2, but RANK is not set'],
    [{ RANK: '1', WORLD_SIZE: '2' }, 'this is rank 1 of 2 started by RANK, but MASTER_ADDR is not set.'],
    [{ RANK: '1', WORLD_SIZE: '2', MASTER_ADDR: 'a', MASTER_PORT: '0' }, "MASTER_PORT is '0'"],
    [{ OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2' }, 'started by Open MPI, but MASTER_ADDR is not set'],
    [{ JOB_COMPLETION_INDEX: '1' }, 'JOB_COMPLETION_INDEX is 1, but WORLD_SIZE is not set.'],
  ])('says what is wrong with %j', (env, message) => {
    expect(() => readLaunchVariables(env)).toThrow(message);
  });
});
