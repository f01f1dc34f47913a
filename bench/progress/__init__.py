"""How soon the page of a run shows what happened, on the whole platform and a real Apache Kafka."""
