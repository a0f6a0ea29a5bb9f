package web

import "testing"

func TestInJapanese(t *testing.T) {
	for in, want := range map[string]string{
		`<p>Hello</p>`:                           `<p>Hello</p>`,
		`<a href="/x">麹町区民館</a>`:                 `<a href="/x" lang="ja">麹町区民館</a>`,
		`<h2>令和8年度 提案22（見本）</h2>`:                `<h2 lang="ja">令和8年度 提案22（見本）</h2>`,
		`<p>Group: 見本団体1, until May</p>`:         `<p>Group: <span lang="ja">見本団体</span>1, until May</p>`,
		`<a class="mark">午前 <b>Free</b></a>`:     `<a class="mark"><span lang="ja">午前</span> <b>Free</b></a>`,
		`<option value="a">会議</option>`:          `<option value="a" lang="ja">会議</option>`,
		`<title>見本 | Halls</title>`:              `<title lang="ja">見本 | Halls</title>`,
		`<textarea name="x">a 見本 <</textarea>`:   `<textarea name="x">a 見本 <</textarea>`,
		`<button lang="ja">日本語</button>`:         `<button lang="ja">日本語</button>`,
		`<html lang="en"><body>見本</body></html>`: `<html lang="en"><body lang="ja">見本</body></html>`,
		`<script>const a = "見本";</script>`:       `<script>const a = "見本";</script>`,
		`<!DOCTYPE html><br>見本<br>`:              `<!DOCTYPE html><br><span lang="ja">見本</span><br>`,
		`<p>見本` + "\n" + `<b>a</b> と b</p>`:      `<p><span lang="ja">見本</span>` + "\n" + `<b>a</b> <span lang="ja">と</span> b</p>`,
		`見本`:                         `<span lang="ja">見本</span>`,
		`<p>カタカナ &lt;script&gt;</p>`: `<p><span lang="ja">カタカナ</span> &lt;script&gt;</p>`,
		`<li>プロジェクター 500 yen</li>`:   `<li><span lang="ja">プロジェクター</span> 500 yen</li>`,
		`<p>emoji 👩‍👩 only</p>`:      `<p>emoji 👩‍👩 only</p>`,
	} {
		if got := string(inJapanese([]byte(in))); got != want {
			t.Errorf("%s:\n got %s\nwant %s", in, got, want)
		}
	}
}
