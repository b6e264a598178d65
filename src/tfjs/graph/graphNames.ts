/** What an operation is called at the end of its node's name, where that says no more than the module does. */
const endings =
  /\/(Conv2D|depthwise|depthwise_conv2d|separable_conv2d|convolution|MatMul|BiasAdd|Add|add|FusedBatchNorm(V\d)?|Relu6?|Elu|Softmax|weights|kernel|ReadVariableOp|resource)(_\d+)?$/;

/** Scopes that functions of a SavedModel leave behind when they are put in place of their calls. */
const calls = new Set(['StatefulPartitionedCall', 'PartitionedCall']);

/** Gives nodes short names: without the scopes that all have in common, and without the operation at the end. */
export function shortNames(nodes: readonly string[]): (node: string) => string {
  const parts = nodes.map((node) => scopesOf(shortened(node)));
  const [one = []] = parts;
  let common = 0;
  while (common < one.length - 1 && parts.every((p) => p.length > common + 1 && p[common] === one[common])) common++;
  return (node) => {
    const all = scopesOf(shortened(node));
    return (one.slice(0, common).every((part, i) => all[i] === part) ? all.slice(common) : all).join('/');
  };
}

function shortened(node: string): string {
  return node.replace(endings, '') || node;
}

function scopesOf(node: string): string[] {
  const scopes = node.split('/');
  return scopes.filter((scope, i) => i === scopes.length - 1 || !calls.has(scope));
}
