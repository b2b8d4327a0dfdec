"""verify.txt.jinja, compiled by Jinja. Written by scripts/compile_templates.py: edit the template."""

# mypy: ignore-errors
# Jinja 3.1.6

SHA256 = "c74c43bd2bf9b3e43a2d1853b87e4d66308b741d44a4c70620b96cb70fbdc38d"  # of the source
HTML = False  # whether every expression is escaped

from evidencekit.compiled.runtime import TemplateRuntimeError, Undefined, internalcode, missing

name = 'verify.txt.jinja'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_fingerprint = resolve('fingerprint')
    l_0_bundle = resolve('bundle')
    l_0_signer = resolve('signer')
    l_0_predicate_type = resolve('predicate_type')
    try:
        t_1 = environment.filters['visible']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'visible' found.")
    pass
    yield 'WARNING: get the key fingerprint from the sender over another channel (a call,\na meeting, a page you already trust) before you begin, and compare it with this:\n\n    '
    yield str(t_1((undefined(name='fingerprint') if l_0_fingerprint is missing else l_0_fingerprint)))
    yield '\n\nA fingerprint on this page proves nothing by itself: whoever forges a bundle\nprints their own. No key that came in a bundle, or with it, is ever to be\ntrusted.\n\nBundle  '
    yield str(t_1((undefined(name='bundle') if l_0_bundle is missing else l_0_bundle)))
    yield '\n\nThis file comes out of the bundle that you are about to check, and a forged one\nmay hold other commands. Type them from the project\'s own documentation, "Verify\nby hand", and take from here only the names of the signature files.\n\nIf any step does not print what is shown, stop: the bundle is not what was\nsigned, whatever later steps say. The signature covers only the list; step 2\nties the files to it. The steps write nothing into the bundle and need no\nnetwork; the more of them you run, the less you rely on any one tool. Steps 2\nand 4 (or 5) are needed; 3, 5 and 7 ask the same of other tools.\n\n\n1. THE KEY\n\nThe sender gives you the public key, as one line that starts with "ssh-ed25519"\nor as a PEM file. Save it as signer.pub or signer.pem beside this folder, never\nin it. Then open a shell inside this folder, the one that holds bagit.txt:\n\n    KEY=$(cd .. && pwd)\n    T=$(mktemp -d)\n\nIf you were given signer.pub, make signer.pem from it:\n\n    { printf \'\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000\'; cut -d \' \' -f 2 "$KEY/signer.pub" | base64 -d | tail -c 32; } | openssl pkey -pubin -inform DER -out "$KEY/signer.pem"\n\nIf you were given signer.pem, make signer.pub from it:\n\n    printf \'ssh-ed25519 %s\\n\' "$({ printf \'\\000\\000\\000\\013ssh-ed25519\\000\\000\\000\\040\'; openssl pkey -pubin -in "$KEY/signer.pem" -outform DER | tail -c 32; } | base64 | tr -d \'\\n\')" > "$KEY/signer.pub"\n\nEither way, this prints the key\'s fingerprint, which has to be the one that the\nsender told you, and the one below:\n\n    echo "SHA256:$(cut -d \' \' -f 2 "$KEY/signer.pub" | base64 -d | openssl dgst -sha256 -binary | base64 | tr -d \'=\\n\')"\n\nIt prints\n\n  | '
    yield str(t_1((undefined(name='fingerprint') if l_0_fingerprint is missing else l_0_fingerprint)))
    yield '\n\n\n2. EVERY FILE IS WHAT THE LISTS SAY                            sha256sum, diff\n\n    sha256sum -c --strict --quiet manifest-sha256.txt tagmanifest-sha256.txt && echo "every file as listed" || echo "FAILED: a file is not as listed"\n    cat manifest-sha256.txt tagmanifest-sha256.txt | sed \'s/^[0-9a-f]*  //\' | LC_ALL=C sort > "$T/listed"\n    find . ! -type d ! -path \'./signatures/*\' ! -path \'./custody/*\' ! -path ./tagmanifest-sha256.txt | sed \'s|^\\./||\' | LC_ALL=C sort | diff - "$T/listed" && echo "no file more, none less" || echo "FAILED: a file more, or one less"\n\nIt prints\n\n  | every file as listed\n  | no file more, none less\n\nWhere sha256sum is missing, "shasum -a 256 -c -s" does the same. The comparison\nof names matters: sha256sum does not look for files that were added.\n\n\n3. THE SAME, BY THE ARCHIVISTS\' TOOL                              bagit.py\n\n    bagit.py --validate .\n\nIts last line ends in\n\n  | is valid\n\n\n4. THE SIGNATURE OVER THE ROOT                                     openssl 3\n\nThe root is tagmanifest-sha256.txt, the list of the lists of step 2.\n\n    openssl pkeyutl -verify -pubin -inkey "$KEY/signer.pem" -rawin -in tagmanifest-sha256.txt -sigfile signatures/'
    yield str(t_1((undefined(name='signer') if l_0_signer is missing else l_0_signer)))
    yield '.sig\n\nIt prints\n\n  | Signature Verified Successfully\n\n\n5. THE SAME, BY A TOOL ON EVERY LAPTOP                            ssh-keygen\n\n    printf \'signer namespaces="evidencekit" %s\\n\' "$(cut -d \' \' -f 1,2 "$KEY/signer.pub")" > "$T/allowed_signers"\n    ssh-keygen -Y verify -f "$T/allowed_signers" -I signer -n evidencekit -s signatures/'
    yield str(t_1((undefined(name='signer') if l_0_signer is missing else l_0_signer)))
    yield '.sshsig < tagmanifest-sha256.txt\n\nIt prints, on one line and with the kind of your key,\n\n  | Good "evidencekit" signature for signer with ED25519 key\n  | '
    yield str(t_1((undefined(name='fingerprint') if l_0_fingerprint is missing else l_0_fingerprint)))
    yield '\n\n\n6. THE SIGNED STATEMENT                                            sh, openssl\n\nThe statement names the root, the window, the number of events and the signer.\n\n    E=signatures/'
    yield str(t_1((undefined(name='signer') if l_0_signer is missing else l_0_signer)))
    yield '.sigstore.json\n    sed -n \'s/.*"payload": *"\\([^"]*\\)".*/\\1/p\' "$E" | base64 -d > "$T/statement.json"\n    sed -n \'s/.*"sig": *"\\([^"]*\\)".*/\\1/p\' "$E" | base64 -d > "$T/statement.sig"\n    { printf \'DSSEv1 28 application/vnd.in-toto+json %s \' "$(wc -c < "$T/statement.json" | tr -d \' \')"; cat "$T/statement.json"; } > "$T/statement.pae"\n    openssl pkeyutl -verify -pubin -inkey "$KEY/signer.pem" -rawin -in "$T/statement.pae" -sigfile "$T/statement.sig"\n    grep -q "$(openssl dgst -sha256 -r tagmanifest-sha256.txt | cut -c 1-64)" "$T/statement.json" && echo "the statement names this root" || echo "FAILED: the statement is about another root"\n    cat "$T/statement.json"\n\nIt prints\n\n  | Signature Verified Successfully\n  | the statement names this root\n\nand then the statement: compare its window and number of events with the\nsummary.\n\n\n7. THE SAME, BY SIGSTORE\'S TOOL                                    cosign 3\n\n    cosign verify-blob-attestation --key "$KEY/signer.pem" --bundle signatures/'
    yield str(t_1((undefined(name='signer') if l_0_signer is missing else l_0_signer)))
    yield '.sigstore.json --insecure-ignore-tlog --type '
    yield str(t_1((undefined(name='predicate_type') if l_0_predicate_type is missing else l_0_predicate_type)))
    yield ' tagmanifest-sha256.txt\n\nIt prints\n\n  | Verified OK\n\n"Ignore tlog" means that no public log is asked: the evidence is in none.\n\n\n8. EVERYTHING, WITH EVERY CLAIMED FACT COMPUTED AGAIN             evidencekit\n\n    evidencekit verify "$PWD" --key "$KEY/signer.pub"\n\nIt ends in\n\n  | verdict: accepted\n\n\nWHAT TO CONCLUDE\n\nIf any step did not print what is shown: that this is not what was signed. Keep\nwhat you received as it is, and ask the sender.\n\nIf all did: steps 2 and 3 show that the files belong together; steps 4 to 7 show\nwhose key signed them. Only step 8 counts the events again and compares every\nclaim. Together they prove that the bytes are what the named key signed. They do\nnot prove that the gateway recorded everything, or that the preparer told the\ngateway\'s export apart from a forgery.\n\nFor a key whose line starts with "ecdsa-sha2-nistp256", make signer.pem with\n\n    ssh-keygen -e -m PKCS8 -f "$KEY/signer.pub" > "$KEY/signer.pem"\n\nand add "-digest sha256" to the openssl pkeyutl commands of steps 4 and 6.\n'

blocks = {}
debug_info = '4=22&10=24&47=26&78=28&88=30&93=32&100=34&119=36'
