#!/bin/sh
# Serves the judge with vLLM, together with all adapters that were trained below results/ in this folder's project, so that a run goes on
# after vLLM was restarted. Start it in the project's folder: sh experiments/one-gpu/serve.sh
#
# MODEL, PORT, GPU_SHARE and RESULTS change its defaults. Options checked against vLLM: vllm/config/lora.py at 01230b40128e (ranks),
# docs/features/lora.md at 05863f176838, docs/features/sleep_mode.md at 01181ddf28bd.
set -eu
model=${MODEL:-meta-llama/Llama-3.1-8B-Instruct}
set --
for config in "${RESULTS:-results}"/*/*/trainer-jobs/*/kept/adapter/adapter_config.json; do
  [ -e "$config" ] || continue
  folder=$(cd "$(dirname "$config")" && pwd)
  set -- "$@" "$folder=$folder"
done
[ $# -eq 0 ] || set -- --lora-modules "$@"

# Lets a training load its adapter, and take the memory of the GPU meanwhile. Both are for servers that nobody else reaches.
export VLLM_ALLOW_RUNTIME_LORA_UPDATING=True VLLM_SERVER_DEV_MODE=1
exec vllm serve "$model" --host 127.0.0.1 --port "${PORT:-8000}" --max-model-len 8192 \
  --gpu-memory-utilization "${GPU_SHARE:-0.85}" --enable-sleep-mode \
  --enable-lora --max-lora-rank 16 --max-loras 2 "$@"
