#!/bin/sh
# Hands a training to Slurm, and behind it a job that serves its model. The id that it prints is the one of the second job, whose end the
# run does not wait for: the result file counts. A model that is there already, since an earlier attempt failed at serving it, is only served.
# The command backend runs this with AUTODIDACT_* in the environment.
set -eu
folder=$AUTODIDACT_JOB_FOLDER
# The judge before this one is not needed any more when the next one is trained; its GPUs may be what this job waits for.
before=$(dirname "$(dirname "$folder")")/serving
if [ -f "$before" ]; then
  scancel "$(cat "$before")" || true
  rm -f "$before"
fi
mkdir -p "$AUTODIDACT_KEPT_FOLDER"
set --
training=
if [ ! -e "$AUTODIDACT_KEPT_FOLDER/model" ]; then
  training=$(sbatch --parsable --output="$AUTODIDACT_LOG_FILE" "$folder/train.sbatch")
  training=${training%%;*}
  # Without the second option, a job whose training has failed waits for ever.
  set -- "--dependency=afterok:$training" --kill-on-invalid-dep=yes
fi
if ! serving=$(sbatch --parsable --output="$AUTODIDACT_LOG_FILE" --open-mode=append "$@" "$folder/serve.sbatch"); then
  [ -z "$training" ] || scancel "$training"
  exit 1
fi
serving=${serving%%;*}
echo "$serving" > "$before"
echo "Submitted batch job $serving"
