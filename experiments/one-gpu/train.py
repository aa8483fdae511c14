# Trains a LoRA adapter of the judge with TRL on one GPU. A template: placeholders in double braces are filled in for each job.
#
# Checked against the sources of TRL 1.9 (commit f2cd57710ae3: trl/trainer/{sft,dpo}_{config,trainer}.py), PEFT 0.20 (5d602fdbff04:
# src/peft/tuners/lora/config.py, src/peft/peft_model.py), transformers 5.14 (00349ae87edd: src/transformers/training_args.py) and
# datasets 4.7. Needs: pip install "trl>=1.9,<2" "peft>=0.19" "transformers>=5" "datasets>=4.7"
import glob
import json
import os
import shutil

from datasets import load_dataset
from peft import LoraConfig, PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

METHOD = {{method:json}}
BASE = {{baseModel:json}}
# Outlives a failed attempt: a later one goes on from the last checkpoint.
KEPT = {{keptFolder:json}}
FILES = {"train": {{trainingFile:json}}}
{{#validationFile}}
FILES["validation"] = {{validationFile:json}}
{{/validationFile}}
MAX_LENGTH = {{values.maxLength|6144}}
# One GPU takes an example at a time and adds up their gradients: a step is of so many examples, whatever the GPU.
EXAMPLES_PER_STEP = {{batchSize|32}}

if os.environ.get("WORLD_SIZE", "1") != "1":
    raise SystemExit("train.py: start it on one GPU, without torchrun or accelerate launch")


def example(row):
    if METHOD == "dpo":
        return {
            "prompt": row["input"]["messages"],
            "chosen": row["preferred_output"],
            "rejected": row["non_preferred_output"],
        }
    # The last message is the judgment; the loss is on the completion only.
    return {"prompt": row["messages"][:-1], "completion": row["messages"][-1:]}


# An earlier judge is the folder of its adapter, on top of the model that the adapter names.
is_adapter = os.path.exists(os.path.join(BASE, "adapter_config.json"))
weights = BASE
if is_adapter:
    with open(os.path.join(BASE, "adapter_config.json")) as file:
        weights = json.load(file)["base_model_name_or_path"]
tokenizer = AutoTokenizer.from_pretrained(weights)
model = AutoModelForCausalLM.from_pretrained(weights, dtype="bfloat16", device_map={"": 0})
if is_adapter:
    model = PeftModel.from_pretrained(model, BASE, is_trainable=True)


def fits(row):
    ends = [row["chosen"], row["rejected"]] if METHOD == "dpo" else [row["completion"]]
    return all(
        len(tokenizer.apply_chat_template(row["prompt"] + end, tokenize=True, return_dict=True)["input_ids"])
        <= MAX_LENGTH
        for end in ends
    )


data = load_dataset("json", data_files=FILES)
data = data.map(example, remove_columns=data["train"].column_names)
# TRL cuts what is longer at its end, which is the verdict. Such examples are left out instead.
for name in FILES:
    n_all = len(data[name])
    data[name] = data[name].filter(fits)
    n_left_out = n_all - len(data[name])
    print(f"{name}: {n_left_out} of {n_all} examples are longer than {MAX_LENGTH} tokens and left out", flush=True)
    if n_left_out > n_all / 10:
        raise SystemExit("train.py: more than a tenth is too long: set trainer.values.maxLength, if the memory allows it")

common = dict(
    output_dir=os.path.join(KEPT, "checkpoints"),
    per_device_train_batch_size=1,
    per_device_eval_batch_size=1,
    gradient_accumulation_steps=EXAMPLES_PER_STEP,
    gradient_checkpointing=True,
    bf16=True,
    max_length=MAX_LENGTH,
    lr_scheduler_type="cosine_with_min_lr",
    lr_scheduler_kwargs={"min_lr_rate": 0.2},
    # The paper's 100 steps, or a tenth of all: a share of the steps, where the experiment does not say how many there are.
    warmup_steps={{warmupSteps|0.1}},
    seed={{seed}},
    data_seed={{seed}},
    save_strategy="epoch",
    # The newest checkpoint, with its optimizer, from which a killed training goes on.
    save_total_limit=1,
    eval_strategy="epoch" if "validation" in FILES else "no",
    logging_steps=1,
    report_to="none",
)
# A new adapter, unless an earlier one is trained further.
lora = None if is_adapter else LoraConfig(
    task_type="CAUSAL_LM",
    r={{values.rank|16}},
    lora_alpha={{values.alpha|32}},
    lora_dropout=0.0,
    target_modules="all-linear",
)
if METHOD == "dpo":
    Trainer = DPOTrainer
    arguments = DPOConfig(
        **common,
        beta={{beta|0.1}},
        loss_type=["sigmoid", "sft"],
        loss_weights=[1.0, {{nllScale|1.5}}],
        learning_rate={{learningRate|5e-6}},
        num_train_epochs={{epochs|1}},
    )
else:
    Trainer = SFTTrainer
    arguments = SFTConfig(
        **common,
        completion_only_loss=True,
        learning_rate={{learningRate|1e-4}},
        num_train_epochs={{epochs|2}},
    )
trainer = Trainer(
    model=model,
    args=arguments,
    train_dataset=data["train"],
    eval_dataset=data["validation"] if "validation" in FILES else None,
    processing_class=tokenizer,
    peft_config=lora,
)
checkpoints = glob.glob(os.path.join(KEPT, "checkpoints", "checkpoint-*"))
# The state is written last: a checkpoint without it was cut off.
whole = [folder for folder in checkpoints if os.path.exists(os.path.join(folder, "trainer_state.json"))]
for folder in set(checkpoints) - set(whole):
    shutil.rmtree(folder)
trainer.train(resume_from_checkpoint=len(whole) > 0)
# The folder of the adapter appears whole, so that a half-written one is never served.
partial = os.path.join(KEPT, "adapter.partial")
trainer.save_model(partial)
os.replace(partial, os.path.join(KEPT, "adapter"))
