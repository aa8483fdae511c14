#!/bin/sh
# Trains the judge, serves it with vLLM instead of the judge before it, and reports its address. The model's name is the folder of its
# weights, so that a later training can start from it.
# The command backend runs this with AUTODIDACT_* in the environment. Set JUDGE_PORT and JUDGE_GPUS to change their defaults.
set -eu
port=${JUDGE_PORT:-8002}
pid_file=${TMPDIR:-/tmp}/autodidact-judge-$port.pid
name=$AUTODIDACT_OUTPUT_FOLDER

# Training needs the GPUs, and the judge before this one is not needed any more.
if [ -f "$pid_file" ]; then
  kill "$(cat "$pid_file")" 2>/dev/null || true
  rm -f "$pid_file"
fi
accelerate launch "$AUTODIDACT_TRAINER_CONFIG"

setsid vllm serve "$name" --served-model-name "$name" --host 127.0.0.1 --port "$port" \
  --tensor-parallel-size "${JUDGE_GPUS:-8}" > "$AUTODIDACT_JOB_FOLDER/vllm.log" 2>&1 &
pid=$!
echo "$pid" > "$pid_file"
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health"; do
  kill -0 "$pid" || { tail -n 20 "$AUTODIDACT_JOB_FOLDER/vllm.log"; exit 1; }
  sleep 5
done
printf '{"model": "%s", "endpoint": "http://127.0.0.1:%s/v1"}\n' "$name" "$port" > "$AUTODIDACT_RESULT_FILE"
