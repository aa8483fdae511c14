# Fine-tuning of the judge with TRL, with the numbers of the paper and, for DPO, of the authors. A template: placeholders in double braces
# are filled in for each job.
# SFT: learning rate 1e-6, at most 2 epochs, 100 warm-up steps, loss on the judgment only. DPO: learning rate 5.5e-8, beta 0.1, weight 1.5
# for the likelihood of the right judgment. Both: bf16, and a learning rate that ends at 0.2 of itself.
#
# Options: https://huggingface.co/docs/trl/sft_trainer (SFTConfig, prompt-completion data)
#          https://huggingface.co/docs/trl/dpo_trainer (DPOConfig; several losses: loss_type and loss_weights, where "sft" is the
#          likelihood of the chosen answer; from TRL 0.29 on it replaces rpo_alpha)
#          https://huggingface.co/docs/transformers/main_classes/trainer (TrainingArguments)
#          https://huggingface.co/docs/transformers/main_classes/optimizer_schedules (cosine_with_min_lr, min_lr_rate)
import glob
import json
import os

from datasets import load_dataset
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

METHOD = {{method:json}}
OUTPUT = {{outputFolder:json}}
RESULT = {{resultFile:json}}
FILES = {"train": {{trainingFile:json}}}
{{#validationFile}}
FILES["validation"] = {{validationFile:json}}
{{/validationFile}}


def example(row):
    if METHOD == "dpo":
        return {
            "prompt": row["input"]["messages"],
            "chosen": row["preferred_output"],
            "rejected": row["non_preferred_output"],
        }
    # The last message is the judgment; TRL computes the loss on the completion only.
    return {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}


if METHOD == "dpo":
    Trainer, Config = DPOTrainer, DPOConfig
    own = dict(
        beta={{beta|0.1}},
        loss_type=["sigmoid", "sft"],
        loss_weights=[1.0, {{nllScale|1.5}}],
        learning_rate={{learningRate|5.5e-8}},
        warmup_steps={{values.warmupSteps|0}},
        num_train_epochs={{epochs|1}},
    )
else:
    Trainer, Config = SFTTrainer, SFTConfig
    own = dict(
        completion_only_loss=True,
        learning_rate={{learningRate|1e-6}},
        warmup_steps=100,
        num_train_epochs={{epochs|2}},
    )

data = load_dataset("json", data_files=FILES)
data = data.map(example, remove_columns=data["train"].column_names)
arguments = Config(
    **own,
    output_dir=OUTPUT,
    lr_scheduler_type="cosine_with_min_lr",
    lr_scheduler_kwargs={"min_lr_rate": 0.2},
    # The batch size of the paper is unknown. This is the number of examples, or pairs, of a step on each device.
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
trainer = Trainer(
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
