https://attacker.example 1 data/x
