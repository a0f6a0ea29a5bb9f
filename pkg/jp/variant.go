package jp

import "strings"

// variantPairs are 異体字 with the character they are searched as: old forms (旧字体) and common variants in names and
// places, each followed by its 新字体 or usual form. Pairs that NFKC already unites (神 of U+FA19 and the like) are not
// listed. 斉 and 斎 stay apart, because they are two characters. The list is a choice of this project for
// finding things, from general knowledge; it is no register of official variants.
const variantPairs = `
髙高 﨑崎 嵜崎 𠮷吉 澤沢 齋斎 齊斉 邊辺 邉辺 濱浜 濵浜 嶋島 嶌島 隝島 廣広 國国 櫻桜 澁渋 澀渋 瀨瀬 德徳 惪徳 惠恵 藏蔵
眞真 實実 與与 龍竜 瀧滝 條条 桧檜 黑黒 步歩 每毎 靑青 淸清 增増 寬寛 橫横 槇槙 曾曽 會会 學学 體体 躰体 軆体 圓円 榮栄
圖図 團団 關関 區区 廳庁 驛駅 鐵鉄 鉃鉄 舊旧 亞亜 壽寿 豐豊 禮礼 勳勲 壯壮 將将 冨富 峯峰 嶽岳 穗穂 萬万 彌弥 辨弁 辯弁
瓣弁 邨村 栁柳 桺柳 桒桑 舘館 衞衛 曻昇 巖巌 鷗鴎 麴麹 蘆芦 渕淵 渊淵 劍剣 剱剣 釼剣 莊荘 當当 賴頼 賣売 讀読 續続 繩縄
縣県 經経 戶戸 靜静 敎教 旣既 卽即 凞煕 昻昂 堯尭 遙遥 瑤瑶 珎珍 雙双 藝芸 假仮 價価 勞労 營営 嚴厳 單単 圍囲 壓圧 處処
姬姫 寫写 屬属 巢巣 帶帯 廢廃 彈弾 從従 惡悪 應応 懷懐 戀恋 戰戦 戲戯 拂払 拔抜 拜拝 擔担 據拠 擧挙 擴拡 攝摂 收収 效効
數数 斷断 晝昼 曉暁 曆暦 樂楽 樓楼 樣様 檢検 權権 歐欧 歡歓 歸帰 殘残 氣気 沒没 淺浅 滿満 濟済 濕湿 灣湾 爐炉 爭争 犧犠
狀状 獨独 獵猟 獻献 畫画 疊畳 發発 盡尽 碎砕 祕秘 祿禄 稱称 稻稲 穩穏 竊窃 粹粋 絲糸 總総 縱縦 纖繊 罐缶 聲声 聽聴 肅粛
膽胆 腦脳 臺台 莖茎 藥薬 虛虚 蟲虫 蠶蚕 觸触 譯訳 證証 讓譲 讚讃 豫予 貳弐 踐践 輕軽 轉転 辭辞 遞逓 遲遅 鄕郷 醉酔 醫医
釋釈 錢銭 鍊錬 鎭鎮 鑄鋳 鑛鉱 險険 隱隠 雜雑 靈霊 顏顔 顯顕 飮飲 餘余 驅駆 駈駆 騷騒 驗験 髮髪 鬪闘 鹽塩 麥麦 點点 黨党
齒歯 齡齢 龜亀 觀観 變変 寶宝 寳宝 對対 專専 傳伝 佛仏 來来 兒児 兩両 凉涼 决決 减減 參参 埜野 塲場 壹壱 壻婿 奧奥 峽峡
槗橋 𣘺橋 𡈽土 圡土 𠀋丈 𣳾泰 舩船 裡裏 爲為 緖緒 錄録 綠緑 內内 吳呉 吿告 說説 稅税 銳鋭 閱閲 脫脱 悅悦 俱倶 塡填 頰頬
剝剥 𠮟叱 瘦痩 簞箪 蠟蝋 醬醤 嚙噛 摑掴 搔掻 繡繍 屛屏 幷并 倂併 甁瓶 絕絶 尙尚 晚晩 黃黄 產産 薰薫 溫温 查査 溪渓 鷄鶏
驒騨 兔兎 亙亘 禰祢 彥彦 顚顛 杦杉 濳潜 潛潜 薮藪 籔藪 礪砺 麵麺 竝並 卆卒 枩松 枀松 凾函 喆哲 皷鼓 盖蓋 穐秋 籏旗 緜綿
羣群 翆翠 耻恥 脉脈 舍舎 逹達 鑒鑑 閒間 鄰隣 鴈雁 鴬鶯 皋皐 曺曹 峩峨 濤涛 桝枡 篭籠 竃竈 壤壌 孃嬢 讎讐 缺欠 號号
`

const (
	firstUnified = 0x4E00
	lastUnified  = 0x9FFF
)

// unifiedVariants maps the variants in the block of unified ideographs, by offset, 0 for none; otherVariants the
// rest. The table is there because every kanji of every search key passes it.
var unifiedVariants, otherVariants = variantTables()

func variantTables() (*[lastUnified - firstUnified + 1]uint16, map[rune]rune) {
	unified, other := new([lastUnified - firstUnified + 1]uint16), make(map[rune]rune)
	for pair := range strings.FieldsSeq(variantPairs) {
		runes := []rune(pair)
		if from := runes[0]; from >= firstUnified && from <= lastUnified {
			unified[from-firstUnified] = uint16(runes[1])
		} else {
			other[from] = runes[1]
		}
	}
	return unified, other
}

func foldVariant(r rune) rune {
	if r >= firstUnified && r <= lastUnified {
		if to := unifiedVariants[r-firstUnified]; to != 0 {
			return rune(to)
		}
		return r
	}
	if to, ok := otherVariants[r]; ok {
		return to
	}
	return r
}

// FoldVariants returns the text with the known 異体字 as their usual characters (髙 as 高, 𠮷 as 吉, 澤 as 沢) and nothing
// else changed. It serves search and outputs that cannot show the variant, such as fonts without it; stored names
// keep their characters.
func FoldVariants(s string) string { return strings.Map(foldVariant, s) }
