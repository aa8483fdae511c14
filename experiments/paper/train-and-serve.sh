#!/bin/sh
# Trains the judge on the GPUs of one machine, serves it there with vLLM instead of the judge before it, and reports its address. The
# model's name is the folder of its weights, so that a later training can start from it. A model that is there already, since an earlier
# attempt failed at serving it, is only served.
# The command backend runs this with AUTODIDACT_* in the environment. Set JUDGE_PORT and JUDGE_GPUS to change their defaults.
set -eu
port=${JUDGE_PORT:-8002}
pid_file=${TMPDIR:-/tmp}/autodidact-judge-$port.pid
model=$AUTODIDACT_KEPT_FOLDER/model

# Training needs the GPUs, and the judge before this one is not needed any more. Their memory is free when all its processes are gone.
if [ -f "$pid_file" ]; then
  group=$(cat "$pid_file")
  kill -s TERM -- "-$group" 2>/dev/null || true
  waited=0
  while kill -s 0 -- "-$group" 2>/dev/null; do
    [ "$waited" -lt "${STOP_S:-60}" ] || kill -s KILL -- "-$group" 2>/dev/null || true
    sleep 1
    waited=$((waited + 1))
    # Dead processes that nobody collects, as in some containers, hold no memory.
    [ "$waited" -lt $((${STOP_S:-60} + 60)) ] || break
  done
  rm -f "$pid_file"
fi
mkdir -p "$AUTODIDACT_KEPT_FOLDER"
[ -e "$model" ] || accelerate launch --config_file "$AUTODIDACT_JOB_FOLDER/fsdp.yaml" "$AUTODIDACT_TRAINER_CONFIG"

setsid vllm serve "$model" --served-model-name "$model" --host 127.0.0.1 --port "$port" --dtype bfloat16 \
  --tensor-parallel-size "${JUDGE_GPUS:-8}" --max-model-len 8192 > "$AUTODIDACT_JOB_FOLDER/vllm.log" 2>&1 &
pid=$!
echo "$pid" > "$pid_file"
until curl --silent --fail --output /dev/null "http://127.0.0.1:$port/health"; do
  kill -0 "$pid" || { tail -n 20 "$AUTODIDACT_JOB_FOLDER/vllm.log"; exit 1; }
  sleep "${POLL_S:-5}"
done
printf '{"model": "%s", "endpoint": "http://127.0.0.1:%s/v1"}\n' "$model" "$port" > "$AUTODIDACT_RESULT_FILE.partial"
mv "$AUTODIDACT_RESULT_FILE.partial" "$AUTODIDACT_RESULT_FILE"
