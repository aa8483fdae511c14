# Supervised fine-tuning of the judge with TRL, by the paper's numbers: learning rate 1e-6 that ends at 0.2 of itself, 100 warm-up steps,
# at most 2 epochs, bf16, loss on the judgment alone. A template: what stands in double braces is filled in for each job.
#
# Options: https://huggingface.co/docs/trl/sft_trainer (SFTConfig, prompt-completion data)
#          https://huggingface.co/docs/transformers/main_classes/trainer (TrainingArguments)
#          https://huggingface.co/docs/transformers/main_classes/optimizer_schedules (cosine_with_min_lr, min_lr_rate)
import glob
import json
import os

from datasets import load_dataset
from trl import SFTConfig, SFTTrainer

OUTPUT = {{outputFolder:json}}
RESULT = {{resultFile:json}}
FILES = {"train": {{trainingFile:json}}}
{{#validationFile}}
FILES["validation"] = {{validationFile:json}}
{{/validationFile}}


def prompt_and_completion(row):
    # The last message is the judgment; TRL lets loss fall on the completion only.
    return {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}


data = load_dataset("json", data_files=FILES).map(prompt_and_completion, remove_columns=["messages"])
arguments = SFTConfig(
    output_dir=OUTPUT,
    learning_rate={{learningRate|1e-6}},
    lr_scheduler_type="cosine_with_min_lr",
    lr_scheduler_kwargs={"min_lr_rate": 0.2},
    warmup_steps=100,
    num_train_epochs={{epochs|2}},
    # The paper's batch size is not known here. This many examples a step on each device.
    per_device_train_batch_size=1,
    gradient_accumulation_steps={{batchSize|8}},
    gradient_checkpointing=True,
    bf16=True,
    completion_only_loss=True,
    max_length={{values.maxLength|8192}},
    seed={{seed}},
    data_seed={{seed}},
    save_strategy="epoch",
    eval_strategy="epoch" if "validation" in FILES else "no",
    logging_steps=1,
    report_to="none",
    model_init_kwargs={"dtype": "bfloat16"},
)
trainer = SFTTrainer(
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
