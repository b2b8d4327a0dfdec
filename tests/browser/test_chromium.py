"""The page in a real browser, headless: what a receiver does, and what a hostile sender tries."""

import json
import time

import pytest
from catalogue import Case
from chrome import SECONDS, wait
from stored import AT as STORED_AT
from stored import UNSEEN, contradictions

webdriver = pytest.importorskip(
    "selenium.webdriver", reason="selenium is not installed: pip install --group browser"
)
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402


@pytest.mark.parametrize("step", [16, pytest.param(1, marks=pytest.mark.slow)])
def test_the_page_says_of_bundles_what_python_says(judge, cases, expected, differences, at, step):
    found = []
    for case in list(cases.values())[::step]:
        verdict, checks = judge(case, at)
        found += differences(case, verdict, checks, expected(case.name))
    assert found == []


@pytest.mark.parametrize("step", [64, pytest.param(1, marks=pytest.mark.slow)])
def test_the_page_finds_in_stored_bundles_what_python_finds(judge, stored, stored_pages, step):
    found = []
    for case in [one for one in stored if one.name not in UNSEEN][::step]:
        verdict, checks = judge(case, STORED_AT, page=stored_pages[case.schema])
        found += contradictions(case, verdict, checks)
    assert found == []


def test_nothing_is_asked_of_any_network_and_nothing_breaks_the_policy(driver, judge, cases):
    driver.get_log("performance"), driver.get_log("browser")
    assert judge(cases["large"])[0] == "accepted"
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert {one["request"]["url"].partition(":")[0] for one in sent} == {"file", "blob"}
    assert driver.get_log("browser") == []


def test_the_policy_stops_what_a_script_would_ask_for(driver, page, served):
    address, asked = served
    driver.get(page.as_uri())
    tries = """const done = arguments[arguments.length - 1];
      new Image().src = arguments[0] + "/image";
      fetch(arguments[0] + "/fetch").then(() => done("fetched"), () => done("refused"));"""
    assert driver.execute_async_script(tries, address) == "refused"
    assert asked == []


def test_a_summary_is_shown_only_when_accepted_and_can_do_nothing(driver, judge, shop, served):
    address, asked = served
    html = f"""<!doctype html><meta http-equiv=refresh content="0; url={address}/refresh">
      <link rel=stylesheet href={address}/style><link rel=preconnect href={address}>
      <base href={address}/><img src={address}/image><iframe src={address}/frame></iframe>
      <script>top.document.title = "mine"</script><h1 onclick="x()">Evidence</h1>
      <form action={address}/form><button autofocus>Send</button></form>
      <a href={address}/link>link</a><style>@import url({address}/import)</style>"""
    members = shop.sealed(shop.manifest(), {"data/summary.html": html.encode()})
    case = Case(name="hostile", path=shop.zipped("hostile-summary", members), keys=(shop.key,))
    assert judge(case)[0] == "accepted"
    frame = driver.find_element(By.TAG_NAME, "iframe")
    assert frame.get_attribute("sandbox") == ""
    assert driver.title == "Check an evidence bundle"
    driver.switch_to.frame(frame)
    assert driver.find_element(By.TAG_NAME, "h1").text == "Evidence"
    assert not driver.find_elements(By.CSS_SELECTOR, "link, script, base, iframe, [href]")
    driver.switch_to.default_content()
    time.sleep(0.3)
    assert asked == []
    other = Case(name="other", path=case.path, keys=(shop.other,))
    assert judge(other)[0] != "accepted"
    assert not driver.find_elements(By.TAG_NAME, "iframe")
    assert not driver.find_element(By.ID, "summary").is_displayed()


def test_a_new_question_takes_the_old_answer_away(driver, judge, cases, shop):
    assert judge(cases["array"])[0] == "accepted"
    driver.find_element(By.ID, "forget").click()
    assert not driver.find_element(By.ID, "result").is_displayed()
    assert not driver.find_elements(By.TAG_NAME, "iframe")
    driver.find_element(By.ID, "keys").send_keys(str(shop.other))
    driver.find_element(By.ID, "check").click()
    assert wait(driver)[0] == "rejected"
    driver.find_element(By.ID, "fingerprint").send_keys("S")
    assert not driver.find_element(By.ID, "result").is_displayed()


def test_hostile_names_and_texts_are_shown_as_text(driver, judge, shop):
    manifest = shop.manifest()
    manifest["context"]["purpose"] = "<img src=x onerror=alert(1)>\u202egpj.exe\x1b[31m\\n"
    members = shop.sealed(manifest, {})
    case = Case(name="text", path=shop.zipped("text", members), keys=(shop.key,))
    assert judge(case)[0] == "accepted"
    shown = driver.find_element(By.ID, "report").text
    assert "<img src=x onerror=alert(1)>\\u202egpj.exe\\x1b[31m\\\\n" in shown
    folder = shop.foldered("hostile-names", shop.members)
    (folder / "<img src=x onerror=alert(1)>\u202e").write_bytes(b"x")
    verdict, checks = judge(Case(name="names", path=folder, keys=(shop.key,)))
    assert (verdict, checks["container"]) == ("rejected", ("fail", frozenset({"container.name"})))
    assert "<img src=x onerror=alert(1)>\\u202e" in driver.find_element(By.ID, "report").text
    assert not driver.find_elements(By.TAG_NAME, "img")


def test_the_verdict_is_never_bare_and_comes_last(driver, judge, cases):
    judge(cases["array"])
    report = driver.find_element(By.ID, "report").text
    assert report.endswith("Verdict: Accepted, as far as this page looks")
    groups = ["Integrity", "Authenticity", "Time", "Completeness", "Hand-over", "Verdict"]
    places = [report.index(f"\n{word}" if word != "Integrity" else word) for word in groups]
    assert places == sorted(places)
    assert "did not judge the events by their schema" in report
    assert "does not prove" in report.replace("No verdict proves", "does not prove")
    assert "VERIFIED" not in driver.page_source
    judge(cases["nobody"])
    lines = driver.find_element(By.ID, "report").text.splitlines()
    assert lines[-2] == "Verdict: Could not tell"


def test_the_keyboard_alone_is_enough(driver, page, cases):
    driver.get(page.as_uri())
    driver.find_element(By.ID, "zip").send_keys(str(cases["array"].path))  # what a picker gives
    focused = []
    for _ in range(8):
        webdriver.ActionChains(driver).send_keys(Keys.TAB).perform()
        focused.append(driver.switch_to.active_element.get_attribute("id"))
        if focused[-1] == "fingerprint":
            driver.switch_to.active_element.send_keys(cases["fingerprint"].fingerprint)
        if focused[-1] == "check":
            driver.switch_to.active_element.send_keys(Keys.ENTER)
            break
    assert [name for name in focused if name] == ["zip", "folder", "keys", "fingerprint", "check"]
    assert wait(driver)[0] == "accepted"
    assert driver.switch_to.active_element.get_attribute("id") == "result-title"
    assert "Accepted" in driver.find_element(By.CSS_SELECTOR, "[role=status]").text
    names = "return [...document.querySelectorAll('input,button,progress,iframe')].map(e => e.id)"
    for name in filter(None, driver.execute_script(names)):
        element = driver.find_element(By.ID, name)
        assert not element.is_displayed() or element.accessible_name, name


@pytest.mark.parametrize("name", ["array", "folder", "other-folder", "hidden-file"])
def test_bundle_and_key_can_be_dropped_together(driver, page, cases, expected, name):
    case = cases[name]
    files = [str(path) for path in (*case.keys, case.path)]
    driver.get(page.as_uri())
    for step in ("dragEnter", "dragOver", "drop"):
        data = {"items": [], "files": files, "dragOperationsMask": 1}
        event = {"type": step, "x": 100, "y": 100, "data": data}
        driver.execute_cdp_cmd("Input.dispatchDragEvent", event)
    until = time.monotonic() + SECONDS
    check = driver.find_element(By.ID, "check")
    while not check.is_enabled() and time.monotonic() < until:
        time.sleep(0.02)
    assert case.keys[0].name in driver.find_element(By.ID, "keys-chosen").text
    check.click()
    verdict, checks = wait(driver)
    assert (verdict, checks["container"]) == (expected(name)[0], expected(name)[1]["container"])


def test_the_report_can_be_saved(driver, judge, cases, tmp_path):
    where = {"behavior": "allow", "downloadPath": str(tmp_path)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)
    judge(cases["export-twice"])
    driver.find_element(By.ID, "save").click()
    path, until = tmp_path / "evidence-report.json", time.monotonic() + SECONDS
    while not path.exists() and time.monotonic() < until:
        time.sleep(0.02)
    report = json.loads(path.read_bytes())
    assert (report["verdict"], report["bundle"]) == ("rejected", cases["export-twice"].path.name)
    assert report["checks"][6]["faults"][0]["code"] == "json.duplicate-key"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_out_of_the_page_and_every_text_can_be_read(
    driver, judge, cases, width, scheme
):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    for name in ("array", "export-twice", "nobody", "zip-longer"):
        judge(cases[name])
        measured = "return document.documentElement.scrollWidth"
        assert driver.execute_script(measured) <= width
        assert min(driver.execute_script(CONTRAST)) >= 4.5
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


# WCAG 2.2, 1.4.3: the contrast of every element that holds text with what is behind it.
CONTRAST = """
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const weights = [0.2126, 0.7152, 0.0722];
const light = (rgb) => rgb.map(channel).reduce((sum, c, at) => sum + c * weights[at], 0);
const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = rgb(getComputedStyle(one).backgroundColor);
    if (color.length < 4 || color[3] === 1) return color.slice(0, 3);
  }
  return [255, 255, 255];
};
return [...document.querySelectorAll("body *")]
  .filter((one) => [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .filter((one) => one.offsetParent)
  .filter((one) => !one.closest("script, style, :disabled"))
  .map((one) => {
    const [a, b] = [rgb(getComputedStyle(one).color).slice(0, 3), behind(one)].map(light);
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  });
"""


def test_where_no_worker_may_run_the_page_does_the_work_itself(driver, page, cases):
    driver.get(page.as_uri())
    driver.execute_script("window.Worker = class { constructor() { throw new Error('no'); } }")
    driver.find_element(By.ID, "zip").send_keys(str(cases["array"].path))
    driver.find_element(By.ID, "keys").send_keys(str(cases["array"].keys[0]))
    driver.find_element(By.ID, "check").click()
    assert wait(driver)[0] == "accepted"


def test_a_browser_without_ed25519_cannot_tell(driver, page, cases):
    driver.get(page.as_uri())
    driver.execute_script("""window.Worker = class { constructor() { throw new Error("no"); } };
      crypto.subtle.constructor.prototype.importKey = async () => { throw new Error("no"); };""")
    driver.find_element(By.ID, "zip").send_keys(str(cases["array"].path))
    driver.find_element(By.ID, "keys").send_keys(str(cases["array"].keys[0]))
    driver.find_element(By.ID, "check").click()
    verdict, checks = wait(driver)
    assert checks["signature"] == ("undecided", frozenset({"browser.crypto"}))
    assert verdict != "accepted"
