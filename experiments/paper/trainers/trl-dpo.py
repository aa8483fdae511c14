# The DPO stage with TRL, by the authors' numbers: beta 0.1, likelihood of the right judgment with weight 1.5, learning rate 5.5e-8.
# A template: what stands in double braces is filled in for each job.
#
# Options: https://huggingface.co/docs/trl/dpo_trainer (DPOConfig; several losses: loss_type and loss_weights, where "sft" is the
#          likelihood of the chosen answer; from TRL 0.29 on it takes the place of rpo_alpha)
#          https://huggingface.co/docs/transformers/main_classes/trainer (TrainingArguments)
import glob
import json
import os

from datasets import load_dataset
from trl import DPOConfig, DPOTrainer

OUTPUT = {{outputFolder:json}}
RESULT = {{resultFile:json}}
FILES = {"train": {{trainingFile:json}}}
{{#validationFile}}
FILES["validation"] = {{validationFile:json}}
{{/validationFile}}


def preference(row):
    return {
        "prompt": row["input"]["messages"],
        "chosen": row["preferred_output"],
        "rejected": row["non_preferred_output"],
    }


data = load_dataset("json", data_files=FILES).map(
    preference, remove_columns=["input", "preferred_output", "non_preferred_output"]
)
arguments = DPOConfig(
    output_dir=OUTPUT,
    beta={{beta|0.1}},
    loss_type=["sigmoid", "sft"],
    loss_weights=[1.0, {{nllScale|1.5}}],
    learning_rate={{learningRate|5.5e-8}},
    lr_scheduler_type="cosine_with_min_lr",
    lr_scheduler_kwargs={"min_lr_rate": 0.2},
    warmup_steps={{values.warmupSteps|0}},
    num_train_epochs={{epochs|1}},
    # The authors' batch size is not known here. This many pairs a step on each device.
    per_device_train_batch_size=1,
    gradient_accumulation_steps={{batchSize|8}},
    gradient_checkpointing=True,
    bf16=True,
    max_length={{values.maxLength|8192}},
    seed={{seed}},
    data_seed={{seed}},
    save_strategy="epoch",
    eval_strategy="epoch" if "validation" in FILES else "no",
    logging_steps=1,
    report_to="none",
    model_init_kwargs={"dtype": "bfloat16"},
)
trainer = DPOTrainer(
    model={{baseModel:json}},
    args=arguments,
    train_dataset=data["train"],
    eval_dataset=data.get("validation"),
)
trainer.train()
trainer.save_model(OUTPUT)

if trainer.is_world_process_zero():
    checkpoints = []
    for folder in glob.glob(os.path.join(OUTPUT, "checkpoint-*")):
        with open(os.path.join(folder, "trainer_state.json")) as file:
            state = json.load(file)
        checkpoints.append({"model": folder, "step": state["global_step"], "epoch": state["epoch"]})
    checkpoints.sort(key=lambda checkpoint: checkpoint["step"])
    with open(RESULT + ".partial", "w") as file:
        json.dump({"model": OUTPUT, "checkpoints": checkpoints}, file)
    os.replace(RESULT + ".partial", RESULT)
