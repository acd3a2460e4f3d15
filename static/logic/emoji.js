/**
 * The emoji that can be picked and completed, each with its usual short names; the first one is its
 * canonical name.
 *
 * @module
 */

const LIST = `
😀 grinning smile happy; 😃 smiley happy joy haha; 😄 smile happy joy laugh; 😁 grin;
😆 laughing satisfied happy haha; 😅 sweat_smile hot; 🤣 rofl lol laughing; 😂 joy tears;
🙂 slightly_smiling_face; 🙃 upside_down_face; 😉 wink flirt; 😊 blush proud;
😇 innocent angel; 🥰 smiling_face_with_three_hearts love; 😍 heart_eyes love crush;
🤩 star_struck eyes; 😘 kissing_heart flirt; 😗 kissing; 😚 kissing_closed_eyes;
😋 yum tongue lick; 😛 stuck_out_tongue; 😜 stuck_out_tongue_winking_eye prank silly;
🤪 zany_face goofy wacky; 😝 stuck_out_tongue_closed_eyes prank; 🤑 money_mouth_face rich;
🤗 hugs; 🤭 hand_over_mouth quiet whoops; 🤫 shushing_face silence quiet; 🤔 thinking;
🤐 zipper_mouth_face silence hush; 🤨 raised_eyebrow suspicious; 😐 neutral_face meh;
😑 expressionless; 😶 no_mouth mute silence; 😏 smirk smug; 😒 unamused meh; 🙄 roll_eyes;
😬 grimacing; 🤥 lying_face liar; 😌 relieved whew; 😔 pensive; 😪 sleepy tired;
🤤 drooling_face; 😴 sleeping zzz; 😷 mask sick ill; 🤒 face_with_thermometer sick;
🤕 face_with_head_bandage hurt; 🤢 nauseated_face sick barf disgusted;
🤮 vomiting_face barf sick; 🤧 sneezing_face achoo sick; 🥵 hot_face heat sweating;
🥶 cold_face freezing ice; 🥴 woozy_face groggy; 😵 dizzy_face; 🤯 exploding_head mind blown;
🤠 cowboy_hat_face; 🥳 partying_face celebration birthday; 😎 sunglasses cool;
🤓 nerd_face geek glasses; 🧐 monocle_face; 😕 confused; 😟 worried nervous;
🙁 slightly_frowning_face; 😮 open_mouth surprise impressed wow; 😯 hushed silence speechless;
😲 astonished amazed gasp; 😳 flushed; 🥺 pleading_face puppy eyes; 😦 frowning;
😧 anguished stunned; 😨 fearful scared shocked oops; 😰 cold_sweat nervous;
😥 disappointed_relieved phew sweat nervous; 😢 cry sad tear; 😭 sob sad cry bawling;
😱 scream horror shocked; 😖 confounded; 😣 persevere struggling; 😞 disappointed sad;
😓 sweat; 😩 weary tired; 😫 tired_face upset whine; 🥱 yawning_face; 😤 triumph smug;
😡 rage pout angry; 😠 angry mad annoyed; 🤬 cursing_face foul;
😈 smiling_imp devil evil horns; 💀 skull dead danger poison; 💩 hankey poop shit crap;
🤡 clown_face; 👻 ghost halloween; 👽 alien ufo; 🤖 robot; 😺 smiley_cat; 😹 joy_cat;
😻 heart_eyes_cat; 🙈 see_no_evil monkey blind ignore; 🙉 hear_no_evil monkey deaf;
🙊 speak_no_evil monkey mute hush; 💋 kiss lipstick; 💌 love_letter email envelope;
💘 cupid love heart; 💖 sparkling_heart; 💗 heartpulse; 💓 heartbeat; 💕 two_hearts;
💔 broken_heart; ❤️ heart love; 🧡 orange_heart; 💛 yellow_heart; 💚 green_heart;
💙 blue_heart; 💜 purple_heart; 🖤 black_heart; 🤍 white_heart; 💯 100 score perfect;
💢 anger angry; 💥 boom collision explode; 💫 dizzy star; 💦 sweat_drops water workout;
💨 dash wind blow fast; 💣 bomb boom; 💬 speech_balloon comment; 💭 thought_balloon thinking;
💤 zzz sleeping; 👋 wave goodbye; 🤚 raised_back_of_hand; ✋ hand raised_hand highfive stop;
🖖 vulcan_salute prosper spock; 👌 ok_hand; 🤏 pinching_hand; ✌️ v victory peace;
🤞 crossed_fingers luck hopeful; 🤟 love_you_gesture; 🤘 metal; 🤙 call_me_hand; 👈 point_left;
👉 point_right; 👆 point_up_2; 👇 point_down; ☝️ point_up; 👍 +1 thumbsup approve ok;
👎 -1 thumbsdown disapprove bury; ✊ fist_raised fist power;
👊 fist_oncoming facepunch punch attack; 👏 clap praise applause; 🙌 raised_hands hooray;
👐 open_hands; 🤲 palms_up_together; 🤝 handshake deal; 🙏 pray please hope wish;
✍️ writing_hand; 💪 muscle flex bicep strong; 🧠 brain; 👀 eyes look see watch; 👁️ eye;
👅 tongue taste; 👄 lips kiss; 👶 baby child newborn; 🧒 child; 👦 boy child; 👧 girl child;
🧑 adult; 👨 man mustache father dad; 👩 woman girls; 🧓 older_adult; 👴 older_man;
👵 older_woman; 🙅 no_good stop halt denied; 🙆 ok_person;
💁 tipping_hand_person information_desk_person; 🙋 raising_hand; 🙇 bow respect thanks;
🤦 facepalm; 🤷 shrug; 👮 police_officer cop law; 🕵️ detective sleuth; 💂 guard;
👷 construction_worker helmet; 🤴 prince crown royal; 👸 princess crown royal;
🎅 santa christmas; 🧙 mage wizard; 🧛 vampire; 🧟 zombie; 💆 massage spa; 🚶 walking;
🏃 runner running exercise workout; 💃 woman_dancing dancer dress; 🕺 man_dancing dancer;
🧗 climbing bouldering; 🏄 surfer; 🏊 swimmer; 🚴 bicyclist; 🛀 bath shower; 👫 couple date;
👪 family home parents child; 🗣️ speaking_head; 👤 bust_in_silhouette user; 🐵 monkey_face;
🐶 dog pet; 🐺 wolf; 🦊 fox_face; 🐱 cat pet; 🦁 lion; 🐯 tiger; 🐴 horse; 🦄 unicorn; 🐮 cow;
🐷 pig; 🐸 frog; 🐔 chicken; 🐧 penguin; 🐦 bird; 🐣 hatching_chick; 🦆 duck; 🦅 eagle; 🦉 owl;
🦇 bat; 🐝 bee honeybee; 🐛 bug; 🦋 butterfly; 🐌 snail slow; 🐞 lady_beetle bug; 🐜 ant;
🕷️ spider; 🦂 scorpion; 🐢 turtle slow; 🐍 snake; 🦖 t-rex dinosaur; 🐙 octopus; 🦑 squid;
🦀 crab; 🐠 tropical_fish; 🐟 fish; 🐬 dolphin flipper; 🐳 whale sea; 🦈 shark; 🐊 crocodile;
🐘 elephant; 🐪 dromedary_camel desert; 🦒 giraffe; 🐭 mouse; 🐹 hamster pet; 🐰 rabbit bunny;
🐻 bear; 🐨 koala; 🐼 panda_face; 🦥 sloth; 🦔 hedgehog; 💐 bouquet flowers;
🌸 cherry_blossom flower spring; 🌹 rose flower; 🌻 sunflower; 🌼 blossom; 🌷 tulip flower;
🌱 seedling plant; 🌲 evergreen_tree wood; 🌳 deciduous_tree wood; 🌴 palm_tree; 🌵 cactus;
🍀 four_leaf_clover luck; 🍁 maple_leaf canada; 🍂 fallen_leaf autumn; 🍃 leaves leaf;
🍄 mushroom fungus; 🌰 chestnut; 🍇 grapes; 🍉 watermelon; 🍊 tangerine orange mandarin;
🍋 lemon; 🍌 banana fruit; 🍍 pineapple; 🍎 apple; 🍐 pear; 🍑 peach; 🍒 cherries fruit;
🍓 strawberry fruit; 🥝 kiwi_fruit; 🍅 tomato; 🥥 coconut; 🥑 avocado; 🍆 eggplant aubergine;
🥔 potato; 🥕 carrot; 🌽 corn; 🌶️ hot_pepper spicy; 🥦 broccoli; 🧄 garlic; 🧅 onion;
🍞 bread toast; 🥐 croissant; 🥨 pretzel; 🧀 cheese; 🍖 meat_on_bone;
🍗 poultry_leg meat chicken; 🥩 cut_of_meat; 🥓 bacon; 🍔 hamburger burger; 🍟 fries; 🍕 pizza;
🌭 hotdog; 🥪 sandwich; 🌮 taco; 🌯 burrito; 🥚 egg; 🍳 fried_egg breakfast;
🥘 shallow_pan_of_food paella curry; 🍲 stew; 🥗 green_salad; 🍿 popcorn; 🍱 bento;
🍙 rice_ball; 🍚 rice; 🍜 ramen noodle; 🍝 spaghetti pasta; 🍣 sushi; 🍤 fried_shrimp tempura;
🥟 dumpling; 🍦 icecream; 🍩 doughnut; 🍪 cookie; 🎂 birthday party; 🍰 cake dessert;
🧁 cupcake; 🍫 chocolate_bar; 🍬 candy sweet; 🍭 lollipop; 🍯 honey_pot; 🍼 baby_bottle milk;
🥛 milk_glass; ☕ coffee cafe espresso; 🍵 tea green breakfast; 🍶 sake;
🍾 champagne bottle bubbly celebration; 🍷 wine_glass; 🍸 cocktail drink;
🍹 tropical_drink summer vacation; 🍺 beer drink; 🍻 beers drinks;
🥂 clinking_glasses cheers toast; 🥃 tumbler_glass whisky; 🥤 cup_with_straw; 🧊 ice_cube;
🍴 fork_and_knife cutlery; 🌍 earth_africa globe world international;
🌎 earth_americas globe world international; 🌏 earth_asia globe world international;
🗺️ world_map travel; 🏔️ mountain_snow; 🌋 volcano; 🏕️ camping; 🏖️ beach_umbrella;
🏝️ desert_island; 🏠 house; 🏢 office; 🏥 hospital; 🏫 school; 🏭 factory; 🏰 european_castle;
⛪ church; ⛺ tent camping; 🌁 foggy karl; 🌃 night_with_stars; 🌅 sunrise; 🌆 city_sunset;
🌉 bridge_at_night; 🎡 ferris_wheel; 🚂 steam_locomotive train; 🚆 train2; 🚇 metro; 🚌 bus;
🚑 ambulance; 🚒 fire_engine; 🚓 police_car; 🚕 taxi; 🚗 car red_car; 🚚 truck; 🚜 tractor;
🚲 bike bicycle; 🛴 kick_scooter; 🚏 busstop; 🚦 vertical_traffic_light semaphore;
🚧 construction wip; ⚓ anchor ship; ⛵ boat sailboat; 🚢 ship; ✈️ airplane flight;
🚁 helicopter; 🚀 rocket ship launch; 🛸 flying_saucer ufo; ⌛ hourglass time;
⏳ hourglass_flowing_sand time; ⌚ watch time; ⏰ alarm_clock morning; ⏱️ stopwatch; 🌑 new_moon;
🌓 first_quarter_moon; 🌕 full_moon; 🌙 crescent_moon night; 🌚 new_moon_with_face;
🌝 full_moon_with_face; 🌞 sun_with_face summer; ⭐ star; 🌟 star2; 🌠 stars; ☁️ cloud;
⛅ partly_sunny weather cloud; 🌧️ cloud_with_rain; 🌩️ cloud_with_lightning; 🌪️ tornado;
🌈 rainbow; ☂️ open_umbrella; ☔ umbrella rain weather; ⚡ zap lightning thunder;
❄️ snowflake winter cold weather; ☃️ snowman_with_snow winter christmas; ⛄ snowman winter;
🔥 fire burn; 💧 droplet water; 🌊 ocean sea; 🎃 jack_o_lantern halloween; 🎄 christmas_tree;
🎆 fireworks festival celebration; 🎇 sparkler; ✨ sparkles shiny; 🎈 balloon party birthday;
🎉 tada hooray party; 🎊 confetti_ball; 🎁 gift present birthday christmas;
🎗️ reminder_ribbon; 🎫 ticket; 🏆 trophy award contest winner; 🏅 medal_sports gold winner;
🥇 1st_place_medal gold; 🥈 2nd_place_medal silver; 🥉 3rd_place_medal bronze; ⚽ soccer sports;
⚾ baseball sports; 🏀 basketball sports; 🏐 volleyball; 🏈 football sports; 🎾 tennis sports;
🎳 bowling; 🥊 boxing_glove; 🎯 dart target; ⛳ golf; 🎣 fishing_pole_and_fish; 🎿 ski;
🎮 video_game play controller console; 🎲 game_die dice gambling; 🧩 jigsaw; ♟️ chess_pawn;
🎭 performing_arts theater drama; 🎨 art design paint; 🧵 thread; 👓 eyeglasses glasses;
🕶️ dark_sunglasses; 👔 necktie shirt formal; 👕 shirt tshirt; 👖 jeans pants; 👗 dress;
👠 high_heel shoe; 👟 athletic_shoe sneaker sport running; 🎒 school_satchel;
👑 crown king queen royal; 🎩 tophat hat classy; 🎓 mortar_board education college university;
💍 ring wedding marriage engaged; 💎 gem diamond; 🔇 mute sound volume; 🔈 speaker;
🔊 loud_sound volume; 📢 loudspeaker announcement; 🔔 bell sound notification; 🎵 musical_note;
🎶 notes music; 🎤 microphone sing; 🎧 headphones music earphones; 📻 radio podcast;
🎸 guitar rock; 🎹 musical_keyboard piano; 🎺 trumpet; 🎻 violin; 🥁 drum;
📱 iphone smartphone mobile; 📞 telephone_receiver phone call; 🔋 battery power;
🔌 electric_plug; 💻 computer desktop screen; 🖥️ desktop_computer; 🖨️ printer; ⌨️ keyboard;
🖱️ computer_mouse; 💾 floppy_disk save; 💿 cd; 🎥 movie_camera film video; 🎬 clapper film;
📷 camera photo; 📹 video_camera; 🔍 mag search zoom; 🔎 mag_right; 🕯️ candle;
💡 bulb idea light; 🔦 flashlight; 📖 book open_book; 📚 books library; 📓 notebook;
📜 scroll document; 📰 newspaper press; 🔖 bookmark; 💰 moneybag dollar cream;
💳 credit_card subscription; 🧾 receipt; ✉️ envelope letter email; 📧 email e-mail;
📨 incoming_envelope; 📦 package shipping; 📫 mailbox; 📝 memo pencil document note;
💼 briefcase business; 📁 file_folder directory; 📂 open_file_folder;
📅 date calendar schedule; 📆 calendar schedule; 📈 chart_with_upwards_trend graph metrics;
📉 chart_with_downwards_trend graph metrics; 📊 bar_chart stats metrics; 📋 clipboard;
📌 pushpin location; 📍 round_pushpin location; 📎 paperclip; 📏 straight_ruler;
✂️ scissors cut; 🗑️ wastebasket trash; 🔒 lock security private; 🔓 unlock security;
🔑 key lock password; 🔨 hammer tool; 🪓 axe; ⚒️ hammer_and_pick; 🛠️ hammer_and_wrench;
⚔️ crossed_swords; 🔧 wrench tool; ⚙️ gear; ⚖️ balance_scale; 🔗 link; 🧰 toolbox; 🧲 magnet;
🧪 test_tube; 🔬 microscope science laboratory investigate; 🔭 telescope; 📡 satellite signal;
💉 syringe health hospital needle; 💊 pill health medicine; 🚪 door; 🛏️ bed; 🚽 toilet wc;
🚿 shower bath; 🧹 broom; 🧻 roll_of_paper toilet; 🛒 shopping_cart; 🚬 smoking cigarette;
⚰️ coffin funeral; ⚠️ warning wip; ⛔ no_entry limit; 🚫 no_entry_sign block forbidden;
☢️ radioactive; ⬆️ arrow_up; ➡️ arrow_right; ⬇️ arrow_down; ⬅️ arrow_left;
🔄 arrows_counterclockwise sync; 🔙 back; 🔜 soon; 🔝 top; ⏩ fast_forward; ⏪ rewind;
▶️ arrow_forward; ⏸️ pause_button; ⏹️ stop_button; 🔅 low_brightness; 🔆 high_brightness;
📶 signal_strength wifi; ✖️ heavy_multiplication_x; ➕ heavy_plus_sign; ➖ heavy_minus_sign;
➗ heavy_division_sign; ♾️ infinity; ❓ question confused;
❗ exclamation heavy_exclamation_mark bang; ✅ white_check_mark; ☑️ ballot_box_with_check;
✔️ heavy_check_mark; ❌ x; ➰ curly_loop; ©️ copyright; ®️ registered; ™️ tm trademark;
🔟 keycap_ten; 🆒 cool; 🆓 free; 🆕 new fresh; 🆗 ok yes; 🆘 sos help emergency; 🆙 up;
🔴 red_circle; 🟠 orange_circle; 🟡 yellow_circle; 🟢 green_circle; 🔵 large_blue_circle;
🟣 purple_circle; ⚫ black_circle; ⚪ white_circle; 🟥 red_square; 🟩 green_square;
🟦 blue_square; 🔶 large_orange_diamond; 🔷 large_blue_diamond;
🏁 checkered_flag milestone finish; 🚩 triangular_flag_on_post; 🏳️ white_flag; 🏴 black_flag;
🇨🇳 cn china; 🇩🇪 de germany; 🇪🇸 es spain; 🇫🇷 fr france; 🇬🇧 gb uk; 🇮🇳 india;
🇮🇹 it italy; 🇯🇵 jp japan; 🇰🇷 kr korea; 🇷🇺 ru russia; 🇺🇸 us usa; 🇺🇦 ukraine;
🇧🇷 brazil; 🇨🇦 canada; 🇪🇺 eu european_union; 🏳️‍🌈 rainbow_flag pride;
❤️‍🔥 heart_on_fire`;

/**
 * @typedef {object} Emoji
 * @property {string} emoji
 * @property {readonly string[]} names its short names; the first is its own
 */

/** @type {readonly Emoji[]} */
export const EMOJI = LIST.split(";").map((entry) => {
  const [emoji = "", ...names] = entry.trim().split(" ");
  return { emoji, names };
});

/** Offered first as reactions. */
export const FAVOURITES = ["👍", "❤️", "😄", "🎉", "😮", "😢", "👀", "🙏"];

/** @type {Map<string, string>} */
const BY_NAME = new Map();
for (const { emoji, names } of EMOJI) {
  for (const name of names) if (!BY_NAME.has(name)) BY_NAME.set(name, emoji);
}

/**
 * Finds emoji: exact matches first, then names that start with the query, then names that contain
 * it.
 *
 * @param {string} query
 * @param {number} [limit]
 * @returns {Emoji[]}
 */
export function searchEmoji(query, limit = EMOJI.length) {
  const wanted = query.toLowerCase().replace(/[\s-]+/g, "_");
  /** @param {Emoji} candidate */
  const rank = ({ names }) => {
    if (names[0] === wanted) return 0;
    if (names.includes(wanted)) return 1;
    if (names.some((name) => name.startsWith(wanted))) return 2;
    return names.some((name) => name.includes(wanted)) ? 3 : 4;
  };
  const ranked = EMOJI.map((candidate) => ({ candidate, rank: rank(candidate) }));
  return ranked.filter(({ rank }) => rank < 4).sort((a, b) => a.rank - b.rank)
    .slice(0, limit).map(({ candidate }) => candidate);
}

/**
 * Replaces each `:name:` of a known emoji outside of code.
 *
 * @param {string} text
 */
export function replaceShortcodes(text) {
  return text.split(/(```[\s\S]*?```|`[^`\n]*`)/).map((part, index) => {
    if (index % 2 === 1) return part;
    return part.replace(/:([a-z0-9_+-]{1,40}):/g, (whole, name) => BY_NAME.get(name) ?? whole);
  }).join("");
}
