package jp

import "strings"

// Towns of 千代田区 whose addresses have a 丁目, and those whose first number is the lot. The towns of
// the address vectors and of the facility data stand there with their source; the others are from general knowledge.
var (
	chomeTowns = set(`
麹町 平河町 永田町 霞が関 内幸町 有楽町 丸の内 大手町 一ツ橋 九段北 九段南 富士見 飯田橋 西神田 東神田 内神田 外神田 岩本町
鍛冶町 神田神保町 神田小川町 神田錦町 神田駿河台 神田司町 神田多町 神田鍛冶町 神田佐久間町 神田須田町 神田淡路町 神田三崎町
神田猿楽町`)
	lotTowns = set(`
一番町 二番町 三番町 四番町 五番町 六番町 隼町 紀尾井町 千代田 皇居外苑 北の丸公園 日比谷公園 神田美土代町 神田練塀町 神田花岡町
神田相生町 神田松永町 神田平河町 神田佐久間河岸 神田和泉町 神田東松下町 神田西福田町 神田北乗物町 神田紺屋町 神田富山町
神田東紺屋町 神田美倉町 神田岩本町`)
)

// townSpellings are other spellings of the towns, as people type them.
var townSpellings = map[string]string{
	"麴町": "麹町", "霞ヶ関": "霞が関", "霞ケ関": "霞が関", "霞関": "霞が関", "丸ノ内": "丸の内", "丸之内": "丸の内",
	"一つ橋": "一ツ橋", "一ッ橋": "一ツ橋", "一っ橋": "一ツ橋", "北ノ丸公園": "北の丸公園",
}

// specialWards are the 23 wards of Tokyo.
var specialWards = strings.Fields(`千代田区 中央区 港区 新宿区 文京区 台東区 墨田区 江東区 品川区 目黒区 大田区 世田谷区
渋谷区 中野区 杉並区 豊島区 北区 荒川区 板橋区 練馬区 足立区 葛飾区 江戸川区`)

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// townSpelled returns the official spelling of a town of 千代田区, or the town as it is.
func townSpelled(town string) string {
	if official, ok := townSpellings[town]; ok {
		return official
	}
	return town
}

// knownTown reports whether town is a town of 千代田区, without 丁目.
func knownTown(town string) bool {
	town = townSpelled(town)
	return chomeTowns[town] || lotTowns[town]
}

const kanjiDigits = "一二三四五六七八九"

// kanjiNumber writes 1 to 19 in kanji, as 丁目 are written (GIF DS-442).
func kanjiNumber(n int) string {
	digit := func(n int) string {
		if n == 0 {
			return ""
		}
		return string([]rune(kanjiDigits)[n-1])
	}
	if n >= 10 {
		return "十" + digit(n-10)
	}
	return digit(n)
}

// cutKanjiNumber takes a number of 1 to 19 off the end of a text; n is 0 when there is none.
func cutKanjiNumber(s string) (rest string, n int) {
	for i := 19; i >= 1; i-- {
		if rest, ok := strings.CutSuffix(s, kanjiNumber(i)); ok {
			return rest, i
		}
	}
	return s, 0
}
